import { expect, test } from "vitest";
import { findScenario } from "../../../scenarios/catalogue/index.ts";
import { simulate } from "../../../sim/run.ts";
import type { Scenario } from "../../../sim/scenario/types.ts";
import { failuresOf } from "../../../sim/shrink/failure.ts";
import { Shrinker } from "../../../sim/shrink/shrinker.ts";

/** The smallest scenario that fails as one of the catalogue does when nothing is expected of it. */
function smallest(name: string, changes: Partial<Scenario> = {}): Scenario {
  const { expect: _, ...scenario } = findScenario(name)!;
  const run = simulate({ ...scenario, ...changes });
  const shrinker = new Shrinker(run, failuresOf(run)[0]!);
  while (shrinker.tries < 1_000 && shrinker.step());
  return shrinker.best;
}

test("an effect that happens twice: one message, one consumer, and the store that it lost", () => {
  const idle = { name: "attic" };
  const scenario = smallest("effect-marked-after", { stores: [{ name: "redis", takeMs: 1 }, idle] });
  expect(scenario.producers[0]!.workload).toMatchObject([{ count: 1 }]);
  expect(scenario.consumers).toHaveLength(1);
  expect(scenario.stores).toEqual([{ name: "redis" }]);
  expect(scenario.faults).toMatchObject([{ do: { kind: "partition", link: ["c1", "redis"] } }]);
  expect(scenario.consumers[0]!.handler).toEqual([{ effect: { dedup: "mark-after", store: "redis" } }]);
});

test("a dead letter that is lost: one message, and the nsqd that was away", () => {
  const scenario = smallest("dead-letter-after-finish");
  expect(scenario.producers[0]!.workload).toMatchObject([{ count: 1 }]);
  expect(scenario.consumers).toMatchObject([{ name: "c1", deadLetter: { topic: "orders-dead" } }]);
  expect(scenario.faults).toMatchObject([{ do: { kind: "stop", process: "nsqd2" } }]);
});
