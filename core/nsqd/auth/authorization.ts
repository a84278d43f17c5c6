import { decodeUtf8 } from "../../protocol/text.ts";
import { SECOND, type Micros } from "../../time.ts";
import { Pattern } from "./pattern.ts";

/** What an auth server said of a client (protocol §13). */
export interface Authorization {
  readonly identity: string;
  readonly identityUrl: string;
  readonly timeToLive: Micros;
  readonly rules: readonly Rule[];
}

/** One entry of the answer. */
export interface Rule {
  readonly topic: Pattern;
  readonly channels: readonly Pattern[];
  readonly permissions: readonly string[];
}

const PERMISSIONS: readonly string[] = ["subscribe", "publish"];

/** An answer of an auth server that is none: the whole of it counts for nothing. */
export class AuthorizationError extends Error {
  override readonly name = "AuthorizationError";
}

/**
 * Reads an auth server's answer as Go would: names of fields without regard to case, a missing field its zero.
 *
 * @throws AuthorizationError for what is no JSON or of another shape, a `ttl` that is not positive, or a permission that
 *   does not exist
 * @throws PatternError for a pattern that RE2 would not compile
 */
export function readAuthorization(body: Uint8Array): Authorization {
  let whole: unknown;
  try {
    whole = JSON.parse(decodeUtf8(body));
  } catch {
    throw new AuthorizationError("not JSON");
  }
  const ttl = field(whole, "ttl") ?? 0;
  if (typeof ttl !== "number" || !Number.isSafeInteger(ttl)) throw new AuthorizationError("ttl is no integer");
  if (ttl <= 0) throw new AuthorizationError(`invalid TTL ${ttl} (must be >0)`);
  return {
    identity: text(field(whole, "identity") ?? "", "identity"),
    identityUrl: text(field(whole, "identity_url") ?? "", "identity_url"),
    timeToLive: ttl * SECOND,
    rules: list(field(whole, "authorizations"), "authorizations").map(readRule),
  };
}

function readRule(value: unknown): Rule {
  const permissions = texts(field(value, "permissions"), "permissions");
  const unknown = permissions.find((permission) => !PERMISSIONS.includes(permission));
  if (unknown !== undefined) throw new AuthorizationError(`unknown permission ${unknown}`);
  return {
    permissions,
    channels: texts(field(value, "channels"), "channels").map((pattern) => new Pattern(pattern)),
    topic: new Pattern(text(field(value, "topic") ?? "", "topic")),
  };
}

function field(value: unknown, name: string): unknown {
  if (value === null) return null;
  if (typeof value !== "object" || Array.isArray(value)) throw new AuthorizationError("not an object");
  let found: unknown = null;
  for (const [key, each] of Object.entries(value)) if (key.toLowerCase() === name) found = each;
  return found;
}

function list(value: unknown, name: string): readonly unknown[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw new AuthorizationError(`${name} is no array`);
  return value as readonly unknown[];
}

function texts(value: unknown, name: string): string[] {
  return list(value, name).map((each) => text(each ?? "", name));
}

function text(value: unknown, name: string): string {
  if (typeof value !== "string") throw new AuthorizationError(`${name} is no text`);
  return value;
}

/** Whether one of the rules allows it; a publish is asked with the channel "" (surprises 47). */
export function isAllowed({ rules }: Authorization, topic: string, channel: string): boolean {
  const permission = channel === "" ? "publish" : "subscribe";
  return rules.some(
    (rule) =>
      rule.permissions.includes(permission) &&
      rule.topic.isIn(topic) &&
      rule.channels.some((pattern) => pattern.isIn(channel)),
  );
}
