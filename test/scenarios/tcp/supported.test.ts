import { describe, expect, test } from "vitest";
import { findScenario } from "../../../scenarios/catalogue/index.ts";
import { clientsOf } from "../../../scenarios/tcp/clients.ts";
import { refuseUnsupported, UnsupportedInWorld } from "../../../scenarios/tcp/supported.ts";
import type { Scenario } from "../../../sim/scenario/types.ts";
import { at, small } from "../../sim/small.ts";

function refusal(scenario: Scenario, external = false): string {
  try {
    refuseUnsupported(scenario, external);
    return "";
  } catch (error) {
    if (!(error instanceof UnsupportedInWorld)) throw error;
    return error.message;
  }
}

describe("a scenario in real time", () => {
  test("has no stores, and so no faults of theirs", () => {
    expect(refusal(findScenario("effect-in-one-transaction")!)).toBe(
      [
        "effect-in-one-transaction cannot run in real time:",
        "  stores: they live in the simulated world only",
        "  faults.0: partition between c1 and redis: no client of the scenario connects these two",
      ].join("\n"),
    );
  });

  test("may have effects without a store, and dead letters on another nsqd, which the link's faults strike", () => {
    expect(refusal(findScenario("retry-in-process")!)).toBe("");
    const scenario = findScenario("dead-letter-before-finish")!;
    const faults = [at(5_000, { kind: "reset", link: ["c1", "nsqd2"] })];
    expect(refusal({ ...scenario, faults })).toBe("");
    expect(clientsOf(scenario).find(({ name }) => name === "c1")!.nsqds).toEqual(["nsqd1", "nsqd2"]);
  });

  test("has no functions for handlers", () => {
    const [consumer] = small().consumers;
    expect(refusal(small({ consumers: [{ ...consumer!, handler: { use: "work" } }] }))).toContain(
      "consumers.0.handler",
    );
  });

  test("with an nsqd that is not ours has its options, and only that one", () => {
    const nsqd = [{ name: "nsqd1", options: { "mem-queue-size": 1 } }, { name: "nsqd2" }];
    const text = refusal(small({ nsqd, faults: [at(5, { kind: "kill", process: "nsqd1" })] }), true);
    expect(text).toContain("nsqd.0.options");
    expect(text).toContain("2 of them, but the world is one nsqd");
    expect(text).toContain("is not ours to kill");
  });
});
