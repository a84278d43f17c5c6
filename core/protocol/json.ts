import { decodeUtf8 } from "./text.ts";

/**
 * JSON as Go's decoder sees it: an integer field takes only digits (`1.0` and `1e3` are errors), and all 64 bits of
 * them count. JSON.parse would make doubles of numbers, so numbers and strings are told apart by a prefix first.
 */
const TOKEN = /"[^"\\]*(?:\\[^][^"\\]*)*"|[-+.\w]+/g;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/;
const INTEGER = /^-?\d+$/;
const LONE_SURROGATE = /[\ud800-\udfff]/gu;

const STRING_PREFIX = "$";
const NUMBER_PREFIX = "#";

/** The fields of a JSON object by their names in lower case, the last of equals winning; undecoded. */
export type JsonFields = ReadonlyMap<string, unknown>;

/** A body that is no JSON object and not `null`, or a field of the wrong type. */
export class JsonError extends Error {
  override readonly name = "JsonError";
}

/** Decodes an object; `null` is an object without fields. Throws {@link JsonError}. */
export function decodeObject(bytes: Uint8Array): JsonFields {
  let value: unknown;
  try {
    value = JSON.parse(decodeUtf8(bytes).replace(TOKEN, tag));
  } catch {
    // A SyntaxError, or a RangeError for absurd nesting: Go refuses both.
    throw new JsonError("not JSON");
  }
  if (value === null) return new Map();
  if (typeof value !== "object" || Array.isArray(value)) throw new JsonError("not an object");
  return new Map(Object.entries(value).map(([name, field]) => [fold(name), field]));
}

/** Go matches names without regard to case, with U+017F for s and U+212A for k. */
function fold(name: string): string {
  return name.slice(1).replaceAll("\u017f", "s").replaceAll("\u212a", "k").toLowerCase();
}

function tag(token: string): string {
  if (token.startsWith('"')) return `"${STRING_PREFIX}${token.slice(1)}`;
  return NUMBER.test(token) ? `"${NUMBER_PREFIX}${token}"` : token;
}

/** A string field; "" when missing or null. */
export function stringField(fields: JsonFields, name: string): string {
  const value = fields.get(name) ?? STRING_PREFIX;
  if (typeof value !== "string" || !value.startsWith(STRING_PREFIX)) throw new JsonError(`${name} is no string`);
  return value.slice(1).replace(LONE_SURROGATE, "\ufffd");
}

/** A boolean field; false when missing or null. */
export function booleanField(fields: JsonFields, name: string): boolean {
  const value = fields.get(name) ?? false;
  if (typeof value !== "boolean") throw new JsonError(`${name} is no boolean`);
  return value;
}

/** An integer field of `bits` bits; 0 when missing or null. */
export function integerField(fields: JsonFields, name: string, bits: 32 | 64): bigint {
  const value = fields.get(name) ?? `${NUMBER_PREFIX}0`;
  const isNumber = typeof value === "string" && value.startsWith(NUMBER_PREFIX);
  if (!isNumber || !INTEGER.test(value.slice(1))) throw new JsonError(`${name} is no integer`);
  const integer = BigInt(value.slice(1));
  if (BigInt.asIntN(bits, integer) !== integer) throw new JsonError(`${name} is out of range`);
  return integer;
}
