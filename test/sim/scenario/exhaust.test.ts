import { describe, expect, test } from "vitest";
import { crashOfNsqd } from "../../../scenarios/exhaust/crash-of-nsqd.ts";
import { SMALL_WORLDS } from "../../../scenarios/exhaust/index.ts";
import type { Scenario } from "../../../sim/scenario/types.ts";
import { type ScenarioError, validateScenario } from "../../../sim/scenario/validate.ts";

function problems(changes: Partial<Scenario>): string[] {
  try {
    validateScenario({ ...crashOfNsqd, ...changes });
    return [];
  } catch (error) {
    return (error as ScenarioError).problems.map(({ path, expected }) => `${path}: ${expected}`);
  }
}

const [consumer] = crashOfNsqd.consumers;
const [producer] = crashOfNsqd.producers;
const [workload] = producer!.workload;
const [fault] = crashOfNsqd.faults!;
const { exhaust: _, ...closed } = crashOfNsqd;
const anytime = { atMs: 100, anytime: true };

describe("a scenario with exhaust", () => {
  test.each(SMALL_WORLDS)("$name is valid", (scenario) => {
    expect(validateScenario(scenario)).toBe(scenario);
  });

  test.each<[string, Partial<Scenario>, string]>([
    [
      "too many messages",
      { producers: [{ ...producer!, workload: [{ ...workload!, count: 7 }] }] },
      "producers: at most 6 messages: every run of it is wanted",
    ],
    [
      "too many consumers",
      { consumers: [1, 2, 3, 4, 5].map((number) => ({ ...consumer!, name: `c${number}` })) },
      "consumers: at most 4 consumers: every run of it is wanted",
    ],
    [
      "too many faults",
      { faults: [fault!, fault!, fault!, fault!] },
      "faults: at most 3 faults: every run of it is wanted",
    ],
    ["latency", { network: {} }, "network.latency: 0: bytes travel no time here, unless a choice keeps them back"],
    [
      "fragments",
      { network: { latency: 0, fragmentBytes: 1 } },
      "network.fragmentBytes: no such field here: what is written at once arrives at once",
    ],
    [
      "a store that consumers share",
      { stores: [{ name: "redis" }] },
      "stores: no such field here: in which order two processes come to it would matter",
    ],
    ["too many holds", { exhaust: { holds: 21 } }, "exhaust.holds: an integer from 0 to 20"],
    [
      "a link to nobody",
      { exhaust: { links: [["c1", "nsqd"]] } },
      'exhaust.links[0][1]: a process of the scenario: did you mean "nsqd1"?',
    ],
    ["half a link", { exhaust: { links: [["c1"]] as never } }, "exhaust.links[0]: a link: the names of two processes"],
    [
      "no time for choices",
      { exhaust: { fromMs: 750 } },
      "exhaust.fromMs: a time before the end of the choices at durationMs, 750",
    ],
    [
      "too many instants",
      { exhaust: { tickMs: 1 } },
      "exhaust.tickMs: at most 100 ticks until durationMs: every run of it is wanted",
    ],
    [
      "a fault by event",
      { faults: [{ ...fault!, trigger: { after: { kind: "deliver" } } }] },
      "faults[0].trigger.after: a time: an event happens at another time in every run",
    ],
    [
      "a fault that repeats at any time",
      { faults: [{ ...fault!, trigger: { ...anytime, repeat: { everyMs: 1, times: 2 } } }] },
      "faults[0].trigger.repeat: no such field here: a fault at any time strikes once",
    ],
    [
      "a fault that lasts",
      { faults: [{ trigger: anytime, do: { kind: "stall", link: ["c1", "nsqd1"], forMs: 10 } }] },
      "faults[0].do.kind: a fault that may strike at any time: one of kill, stop, pause, reset, half-open, clock-step",
    ],
    [
      "a handler that is a function",
      { consumers: [{ ...consumer!, handler: { use: "mine" } }] },
      "consumers[0].handler: behaviours: the same choices must give the same run",
    ],
  ])("is refused with %s", (_name, changes, expected) => {
    expect(problems(changes)).toEqual([expected]);
  });

  test("alone has faults at any time", () => {
    expect(() => validateScenario(closed)).toThrow(
      "faults[0].trigger.anytime: found true, expected no such field here: only a scenario with exhaust",
    );
  });
});
