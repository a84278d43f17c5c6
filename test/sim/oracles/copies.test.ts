import { expect, test } from "vitest";
import { simulate } from "../../../sim/run.ts";
import type { Scenario } from "../../../sim/scenario/types.ts";

test("records that nsqd 1.3 reads beyond a file written over are the replay of a crash", () => {
  const workload = { topic: "topic1", count: 2, bodyBytes: 200, everyMs: 0 };
  const ghosts: Scenario = {
    name: "ghosts",
    question: "May what was in a file without a state come back?",
    seed: 50_143,
    durationMs: 50,
    recoveryMs: 3_600_000,
    nsqd: [{ name: "nsqd1", profile: "nsqd-1.3", options: { "mem-queue-size": 0 } }],
    producers: [{ name: "producer1", nsqd: ["nsqd1"], workload: [{ ...workload, startMs: 26 }, workload] }],
    consumers: [{ name: "consumer1", nsqd: ["nsqd1"], topic: "topic1", channel: "ch1" }],
    faults: [
      {
        trigger: { atMs: 20 },
        do: {
          kind: "stop",
          process: "nsqd1",
          graceMs: 0,
          restartAfterMs: 0,
          restartWith: { options: { "max-bytes-per-file": 0 } },
        },
      },
    ],
  };
  const { outcome, ledger } = simulate(ghosts);
  expect(outcome).toBe("pass");
  expect(ledger.duplicates.map(({ licence }) => licence)).toEqual(["crash-replay", "broker-restart"]);
});

test("a REQ that is late for its own delivery may end the wait of one that nobody has seen", () => {
  const blocked: Scenario = {
    name: "blocked",
    question: "Is a message that a blocked consumer was sent meanwhile too early elsewhere?",
    seed: 50_022,
    durationMs: 1,
    recoveryMs: 3_600_000,
    nsqd: [{ name: "nsqd1" }],
    producers: [{ name: "producer1", nsqd: ["nsqd1"], workload: [{ topic: "topic1", count: 12, everyMs: 0 }] }],
    consumers: [
      { name: "consumer1", nsqd: ["nsqd1"], topic: "topic1", channel: "ch1" },
      {
        name: "consumer2",
        nsqd: ["nsqd1"],
        topic: "topic1",
        channel: "ch1",
        maxInFlight: 20,
        config: { msg_timeout: "1s" },
        handler: [{ when: { everyNth: 3 }, outcome: "requeue", blocking: true, takeMs: 500 }],
      },
    ],
  };
  const { outcome, ledger } = simulate(blocked);
  expect(outcome).toBe("pass");
  expect(ledger.duplicates.some(({ licence }) => licence === "requeue")).toBe(true);
});
