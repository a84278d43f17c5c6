import { describe, expect, test } from "vitest";
import { InputError } from "../../../scenarios/commands/command.ts";
import { applySettings } from "../../../scenarios/commands/settings.ts";

const SCENARIO = {
  durationMs: 5,
  nsqd: [{ name: "nsqd1" }],
  consumers: [{ name: "c1", maxInFlight: 10 }, { name: "c2" }],
};

describe("settings", () => {
  test("a member of a list goes by number, by name, or with all others", () => {
    expect(
      applySettings(SCENARIO, [
        "durationMs=7",
        "consumers.c2.maxInFlight=3",
        "consumers.0.channel=x",
        "consumers.*.n=1",
      ]),
    ).toEqual({
      durationMs: 7,
      nsqd: [{ name: "nsqd1" }],
      consumers: [
        { name: "c1", maxInFlight: 10, channel: "x", n: 1 },
        { name: "c2", maxInFlight: 3, n: 1 },
      ],
    });
    expect(SCENARIO.durationMs, "the scenario itself is not changed").toBe(5);
  });

  test("what is absent is created; a value is JSON or else text", () => {
    expect(applySettings(SCENARIO, ["nsqd.nsqd1.options.msg-timeout=2s", 'expect={"delivered":3}'])).toMatchObject({
      nsqd: [{ options: { "msg-timeout": "2s" } }],
      expect: { delivered: 3 },
    });
  });

  test.each([
    ["durationMs", "expected path=value"],
    ["=3", "expected path=value"],
    ["a..b=3", "empty part"],
    ["consumers.c3.maxInFlight=1", "consumers has no member c3; it has c1, c2"],
    ["consumers.7.maxInFlight=1", "consumers has no member 7"],
    ["durationMs.x=1", "durationMs is 5, it has no part x"],
    ["consumers.c1.__proto__.x=1", "no field __proto__"],
  ])("%s is refused", (setting, message) => {
    expect(() => applySettings(SCENARIO, [setting])).toThrow(InputError);
    expect(() => applySettings(SCENARIO, [setting])).toThrow(message);
  });
});
