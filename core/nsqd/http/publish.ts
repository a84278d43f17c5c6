import type { HttpResponse } from "../../host.ts";
import { microsToMs } from "../../time.ts";
import { isValidName } from "../../protocol/names.ts";
import type { TopicAdmin } from "../admin.ts";
import type { NsqdOptions } from "../options.ts";
import { failure, text } from "./answer.ts";
import type { NsqdHttpContext } from "./context.ts";
import type { Query } from "./query.ts";
import { type RoutedRequest, splitTarget } from "./router.ts";

/** The refusal of a publishing request whose stated length is too great, before its body is read; else null. */
export function refuseLength(target: string, contentLength: number, options: NsqdOptions): HttpResponse | null {
  if (contentLength <= options.maxMsgSize && contentLength <= options.maxBodySize) return null;
  const { path } = splitTarget(target);
  if (path === "/pub" && contentLength > options.maxMsgSize) return failure(413, "MSG_TOO_BIG");
  if (path === "/mpub" && contentLength > options.maxBodySize) return failure(413, "BODY_TOO_BIG");
  return null;
}

/** POST /pub: one message, its body as it is. The order of the checks is that of nsqd-http §2. */
export function publishOne({ admin }: NsqdHttpContext, { body, query }: RoutedRequest): HttpResponse {
  if (body.length > admin.options.maxMsgSize) return failure(413, "MSG_TOO_BIG");
  if (body.length === 0) return failure(400, "MSG_EMPTY");
  const name = topicName(query);
  if (typeof name !== "string") return name;
  const topic = admin.createTopic(name);
  const delayMs = parseDelay(query?.get("defer") ?? "0", admin.options);
  if (delayMs === null) return failure(400, "INVALID_DEFER");
  return enqueue(topic, [body], delayMs);
}

/** POST /mpub: one message per line, or in binary the body of the MPUB command without its length. */
export function publishMany({ admin, host }: NsqdHttpContext, { body, query }: RoutedRequest): HttpResponse {
  const name = topicName(query);
  if (typeof name !== "string") return name;
  const topic = admin.createTopic(name);
  const binary = query?.get("binary");
  const isBinary = binary !== undefined && binary !== "false" && binary !== "0";
  if (isBinary && binary !== "true" && binary !== "1") {
    host.log("warn", `deprecated value '${binary}' used for /mpub binary param`);
  }
  const bodies = isBinary ? splitBinary(body, admin.options) : splitLines(body, admin.options);
  if (typeof bodies === "string") return failure(413, bodies);
  return enqueue(topic, bodies, 0);
}

function topicName(query: Query | null): string | HttpResponse {
  if (query === null) return failure(400, "INVALID_REQUEST");
  const name = query.get("topic");
  if (name === undefined) return failure(400, "MISSING_ARG_TOPIC");
  return isValidName(name) ? name : failure(400, "INVALID_TOPIC");
}

function parseDelay(value: string, options: NsqdOptions): number | null {
  if (!/^[+-]?\d+$/.test(value)) return null;
  const delayMs = Number(value);
  return delayMs >= 0 && delayMs <= microsToMs(options.maxReqTimeout) ? delayMs : null;
}

function enqueue(topic: TopicAdmin, bodies: readonly Uint8Array[], delayMs: number): HttpResponse {
  if (bodies.length === 0) return text("OK");
  const refusal = topic.publish(bodies, delayMs);
  if (refusal === null) return text("OK");
  // nsqd says the same whatever the reason; the reason is in the log and in /ping.
  return failure(503, "EXITING");
}

/** The lines of a body, without empty ones; or the code of the error. */
function splitLines(body: Uint8Array, options: NsqdOptions): Uint8Array[] | string {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < body.length;) {
    const newline = body.indexOf(0x0a, start);
    const end = newline === -1 ? body.length : newline;
    const next = newline === -1 ? end : newline + 1;
    if (next > options.maxBodySize) return "BODY_TOO_BIG";
    if (end - start > options.maxMsgSize) return "MSG_TOO_BIG";
    if (end > start) lines.push(body.subarray(start, end));
    start = next;
  }
  return lines;
}

/** The elements of a binary body (protocol §6, MPUB after its total length); or the code of the error. */
function splitBinary(body: Uint8Array, options: NsqdOptions): Uint8Array[] | string {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  if (body.length < 4) return "BAD_BODY";
  const count = view.getInt32(0);
  if (count <= 0 || count > Math.floor((options.maxBodySize - 4) / 5)) return "BAD_BODY";
  const bodies: Uint8Array[] = [];
  let at = 4;
  while (bodies.length < count) {
    if (at + 4 > body.length) return "BAD_MESSAGE";
    const size = view.getInt32(at);
    if (size <= 0 || size > options.maxMsgSize || at + 4 + size > body.length) return "BAD_MESSAGE";
    bodies.push(body.subarray(at + 4, at + 4 + size));
    at += 4 + size;
  }
  return bodies;
}
