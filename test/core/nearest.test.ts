import { expect, test } from "vitest";
import { nearestName } from "../../core/nearest.ts";

const NAMES = ["max_in_flight", "max_attempts", "msg_timeout", "read_timeout", "write_timeout"];

test.each([
  ["max_inflight", "max_in_flight"],
  ["max-in-flight", "max_in_flight"],
  ["MaxInFlight", "max_in_flight"],
  ["mgs_timeout", "msg_timeout"],
  ["raed_timeout", "read_timeout"],
  ["max_attemps", "max_attempts"],
])("%s was meant to be %s", (typed, meant) => {
  expect(nearestName(typed, NAMES)).toBe(meant);
});

test("what is far from every name has no nearest one", () => {
  expect(nearestName("colour", NAMES)).toBe(null);
  expect(nearestName("", NAMES)).toBe(null);
});

test("of two equally near names the first is taken", () => {
  expect(nearestName("abx", ["aby", "abz"])).toBe("aby");
});
