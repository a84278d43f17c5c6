import { expect, test } from "vitest";
import { isEphemeral, isValidName } from "../../../core/protocol/names.ts";

test.each(["t", "a.b-c_D9", "#ephemeral".padStart(64, "x"), "x".repeat(64), "e#ephemeral"])("%j is a name", (name) => {
  expect(isValidName(name)).toBe(true);
});

test.each(["", "a b", "a\n", "é", "#ephemeral", "a#ephemeralx", "a#b", "x".repeat(65), "#ephemeral".padStart(65, "x")])(
  "%j is no name",
  (name) => {
    expect(isValidName(name)).toBe(false);
  },
);

test("the suffix makes it ephemeral", () => {
  expect(isEphemeral("t#ephemeral")).toBe(true);
  expect(isEphemeral("ephemeral")).toBe(false);
});
