import { describe, expect, test } from "vitest";
import type { FaultAction, FaultSpec } from "../../../sim/scenario/types.ts";
import { ScenarioError, validateScenario } from "../../../sim/scenario/validate.ts";
import { small } from "../small.ts";

function problems(action: unknown): string[] {
  const faults = [{ trigger: { atMs: 10 }, do: action } as FaultSpec];
  try {
    validateScenario(small({ faults, nsqd: [{ name: "nsqd1", options: { "msg-timeout": "10s" } }] }));
    return [];
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return error.problems.map(({ path, expected }) => `${path}: ${expected}`);
  }
}

const link = ["c1", "nsqd1"] as const;
const direction = "forward";

describe("faults of processes, links and clocks", () => {
  test.each<FaultAction>([
    { kind: "slow", process: "c1", factor: 1 },
    { kind: "slow", process: "nsqd1", factor: 2.5, forMs: 10 },
    { kind: "stop", process: "c1", graceMs: 0 },
    {
      kind: "stop",
      process: "nsqd1",
      graceMs: 100,
      restartAfterMs: 5,
      restartWith: { options: { "mem-queue-size": 0 } },
    },
    { kind: "kill", process: "nsqd1", powerLoss: true, tornTail: true, restartWith: { emptyDisk: true } },
    { kind: "kill", process: "nsqd1", powerLoss: false, tornTail: false },
    { kind: "refuse-connect", link },
    { kind: "hang-connect", link, forMs: 5 },
    { kind: "bandwidth", link, bytesPerSecond: 1 },
    { kind: "bandwidth", link, bytesPerSecond: 1_000, direction: "both", forMs: 5 },
    { kind: "cut-after", link, direction, bytes: 1 },
    { kind: "cut-after", link, direction, command: "FIN", nth: 2, passes: true },
    { kind: "cut-after", link, direction: "backward", command: "_heartbeat_" },
    { kind: "clock-drift", process: "p1", ppm: -100_000 },
    { kind: "clock-drift", process: "nsqd1", ppm: 100_000, forMs: 5 },
  ])("%j is one", (action) => {
    expect(problems(action)).toEqual([]);
  });

  test.each<[unknown, string | RegExp]>([
    [{ kind: "slow", process: "c1", factor: 0.5 }, "factor: a number from 1 to 1000000"],
    [{ kind: "slow", process: "c2", factor: 2 }, 'process: a process of the scenario: did you mean "c1"?'],
    [{ kind: "slow", process: "c1" }, "factor: a value"],
    [{ kind: "slwo", process: "c1", factor: 2 }, 'kind: a fault: did you mean "slow"?'],
    [{ kind: "stop", process: "c1", graceMs: -1 }, "graceMs: a number of at least 0"],
    [{ kind: "kill", process: "c1", graceMs: 1 }, /^graceMs: no such field here/],
    [{ kind: "kill", process: "c1", restartWith: { emptyDisk: true } }, "restartWith: an nsqd to be the process"],
    [{ kind: "stop", process: "c1", restartWith: { options: {} } }, "restartWith: an nsqd to be the process"],
    [
      { kind: "kill", process: "nsqd1", restartWith: { options: { "mem-queue-sise": 1 } } },
      /^restartWith\.options\.mem-queue-sise: .*mem-queue-size/,
    ],
    [
      { kind: "stop", process: "nsqd1", restartWith: { options: { "msg-timeout": "soon" } } },
      /^restartWith\.options\.msg-timeout: /,
    ],
    [
      { kind: "stop", process: "nsqd1", restartWith: { options: { "tcp-address": "0.0.0.0:1" } } },
      "restartWith.options.tcp-address: an option that a restart can change",
    ],
    [
      { kind: "stop", process: "nsqd1", restartWith: { emptyDisc: true } },
      'restartWith.emptyDisc: no such field here: did you mean "emptyDisk"?',
    ],
    [{ kind: "kill", process: "nsqd1", tornTail: true }, "tornTail: powerLoss: true beside it"],
    [{ kind: "refuse-connect", link: ["c1", "c1"] }, "link: two different processes"],
    [{ kind: "hang-connect", link, forMs: -1 }, "forMs: a number of at least 0"],
    [{ kind: "bandwidth", link, bytesPerSecond: 0 }, "bytesPerSecond: a number of at least 1"],
    [{ kind: "cut-after", link, bytes: 1 }, "direction: a value"],
    [{ kind: "cut-after", link, direction: "both", bytes: 1 }, "direction: one direction: one of forward, backward"],
    [{ kind: "cut-after", link, direction, bytes: 0 }, "bytes: an integer of at least 1"],
    [{ kind: "cut-after", link, direction, command: "FINN" }, 'command: a command: did you mean "FIN"?'],
    [{ kind: "cut-after", link, direction: "backward", command: "FIN" }, /^command: a frame: /],
    [
      { kind: "cut-after", link: ["c1", "p1"], direction, command: "FIN" },
      "link: a client and an nsqd: others send no commands",
    ],
    [{ kind: "cut-after", link, direction, command: "FIN", bytes: 3 }, /^bytes: no such field here/],
    [{ kind: "clock-drift", process: "nsqd1", ppm: 100_001 }, "ppm: an integer from -100000 to 100000"],
  ])("%j is none", (action, expected) => {
    const [problem, ...others] = problems(action).map((one) => one.replace("faults[0].do.", ""));
    if (typeof expected === "string") expect(problem).toBe(expected);
    else expect(problem).toMatch(expected);
    expect(others).toEqual([]);
  });
});
