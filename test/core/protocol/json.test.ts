import fc from "fast-check";
import { expect, test } from "vitest";
import { booleanField, decodeObject, integerField, JsonError, stringField } from "../../../core/protocol/json.ts";
import { bytesOf, utf8 } from "../../../core/protocol/text.ts";

function decode(text: string): ReturnType<typeof decodeObject> {
  return decodeObject(bytesOf(utf8(text)));
}

test("fields are found without regard to case; the last of equals wins; null and absence are the default", () => {
  const fields = decode('{"Client_ID":"a","client_id":"b","TLS_V1":true,"sample_rate":null,"unknown":[{"x":1}]}');
  expect(stringField(fields, "client_id")).toBe("b");
  expect(booleanField(fields, "tls_v1")).toBe(true);
  expect(integerField(fields, "sample_rate", 32)).toBe(0n);
  expect(stringField(fields, "hostname")).toBe("");
  expect(stringField(decode('{"ho\u017ftname":"long s"}'), "hostname")).toBe("long s");
  expect(decode(" null \n").size).toBe(0);
});

test("integers keep all their digits", () => {
  const fields = decode('{"a":9007199254740993,"b":-9223372036854775808,"c":-0}');
  expect(integerField(fields, "a", 64)).toBe(9_007_199_254_740_993n);
  expect(integerField(fields, "b", 64)).toBe(-(2n ** 63n));
  expect(integerField(fields, "c", 64)).toBe(0n);
});

test.each(["1.0", "1e3", '"1"', "true", "[]", "{}", "9223372036854775808"])("%s is no int64", (value) => {
  expect(() => integerField(decode(`{"n":${value}}`), "n", 64)).toThrow(JsonError);
});

test("an int32 is shorter", () => {
  expect(() => integerField(decode('{"n":2147483648}'), "n", 32)).toThrow(JsonError);
});

test.each([
  "",
  "{",
  "[]",
  "1",
  '"{}"',
  "{} {}",
  "{'a':1}",
  '{"a":01}',
  '{"a":+1}',
  '{"a":.5}',
  '{"a":NaN}',
  '{"a":"\\x"}',
  '{"a":"\n"}',
  '{"a":1,}',
  "[".repeat(100_000),
])("%j is no JSON object", (text) => {
  expect(() => decode(text)).toThrow(JsonError);
});

test("what a platform's JSON takes, this takes, with the same strings", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: "binary" }), fc.json()),
      fc.string({ unit: "grapheme" }),
      (more, value) => {
        const text = JSON.stringify({ ...more, wanted: value });
        expect(stringField(decode(text), "wanted")).toBe(value);
      },
    ),
  );
});
