import type { FaultSpec, Scenario } from "../../sim/scenario/types.ts";

/** One nsqd, a producer of 100 messages in a second, a consumer; changed as a test wants it. */
export function small(changes: Partial<Scenario> = {}): Scenario {
  return {
    name: "small",
    question: "What happens?",
    seed: 1,
    durationMs: 2_000,
    recoveryMs: 120_000,
    nsqd: [{ name: "nsqd1" }],
    producers: [{ name: "p1", nsqd: ["nsqd1"], workload: [{ topic: "orders", count: 100, everyMs: 10 }] }],
    consumers: [
      {
        name: "c1",
        nsqd: ["nsqd1"],
        topic: "orders",
        channel: "billing",
        maxInFlight: 5,
        handler: [{ takeMs: 5 }],
        config: { msg_timeout: "1s", lookupd_poll_interval: "100ms" },
      },
    ],
    ...changes,
  };
}

export function at(atMs: number, action: FaultSpec["do"]): FaultSpec {
  return { trigger: { atMs }, do: action };
}
