import type { HttpResponse } from "../../host.ts";

const VERSION_HEADER = { "X-Nsq-Content-Type": "nsq; version=1.0" };
const JSON_TYPE = { "Content-Type": "application/json; charset=utf-8" };
const TEXT_TYPE = { "Content-Type": "text/plain; charset=utf-8" };
const TEXT_HEADERS = { ...TEXT_TYPE, ...VERSION_HEADER };

/** 200 without a body (nsqd-http §1). */
export function nothing(): HttpResponse {
  return { status: 200, headers: VERSION_HEADER, body: "" };
}

export function text(body: string): HttpResponse {
  return { status: 200, headers: TEXT_HEADERS, body };
}

export function json(value: unknown): HttpResponse {
  return { status: 200, headers: { ...JSON_TYPE, ...VERSION_HEADER }, body: goJson(value) };
}

/** `{"message":"CODE"}` with a status from 400. */
export function failure(status: number, code: string, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return { status, headers: { ...headers, ...JSON_TYPE, ...VERSION_HEADER }, body: goJson({ message: code }) };
}

/** Text without the version header: /ping. */
export function plain(status: number, body: string): HttpResponse {
  return { status, headers: TEXT_TYPE, body };
}

/** JSON as Go writes it: with `<`, `>`, `&`, U+2028 and U+2029 escaped, and no short forms of \b and \f. */
export function goJson(value: unknown): string {
  const text = JSON.stringify(value);
  if (!/[<>&\u2028\u2029\\]/.test(text)) return text;
  return text
    .replaceAll(/[<>&\u2028\u2029]/g, escaped)
    .replaceAll(/\\(?:b|f|\\)/g, (short) => (short === "\\\\" ? short : escaped(short === "\\b" ? "\b" : "\f")));
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
