import { randomStream, type Random } from "../../../core/random.ts";
import type { BehaviourSpec, FaultSpec, Scenario } from "../../../sim/scenario/types.ts";

const NSQD = "nsqd1";

/** Everything that can befall the disk of an nsqd, several things at once, in either profile. */
export function diskWeather(seed: number): Scenario {
  const random = randomStream(seed, "weather");
  const faults: FaultSpec[] = [];
  for (let left = random.integer(1, 4); left > 0; left -= 1)
    faults.push({ trigger: { atMs: random.integer(100, 2_800) }, do: strike(random) });
  return {
    name: "disk-weather",
    question: "Is everything explained that a disk can do?",
    seed,
    durationMs: 3_000,
    // A consumer whose nsqd went dark notices after a minute.
    recoveryMs: 150_000,
    nsqd: [
      {
        name: NSQD,
        profile: pick(random, "exact", "nsqd-1.3"),
        options: {
          "mem-queue-size": pick(random, 0, 3, 50),
          "sync-every": pick(random, 1, 10, 2_500),
          "sync-timeout": pick(random, "50ms", "2s"),
          "max-bytes-per-file": pick(random, 300, 2_000, 100_000),
          "msg-timeout": "1s",
        },
      },
    ],
    producers: [
      {
        name: "p1",
        nsqd: [NSQD],
        workload: [
          { topic: "orders", count: 120, everyMs: 20, batch: pick(random, 1, 1, 5) },
          { topic: "orders", count: 30, everyMs: 40, startMs: 300, delayMs: pick(random, 10, 500, 1_500) },
        ],
        retry: { onError: true, onUnknown: true, delayMs: 100, limit: random.integer(1, 5) },
      },
    ],
    consumers: [consumer(random, "c1", "a"), consumer(random, "c2", pick(random, "a", "b"))],
    faults,
  };
}

function consumer(random: Random, name: string, channel: string): Scenario["consumers"][number] {
  return {
    name,
    nsqd: [NSQD],
    topic: "orders",
    channel,
    startMs: pick(random, 0, 0, 500, 2_000),
    maxInFlight: pick(random, 1, 5),
    handler: pick<readonly BehaviourSpec[]>(
      random,
      [{ takeMs: pick(random, 1, 20) }],
      [{ when: { attempts: 1, everyNth: 3 }, outcome: "requeue", requeueDelayMs: 200 }, { takeMs: 1 }],
      [{ when: { attempts: 1, everyNth: 4 }, outcome: "silent" }, { takeMs: 2 }],
    ),
    config: { lookupd_poll_interval: "100ms" },
  };
}

function strike(random: Random): FaultSpec["do"] {
  const forMs = pick(random, 50, 300, 1_000, 0);
  const span = forMs === 0 ? {} : { forMs };
  const restartAfterMs = pick(random, 0, 10, 300);
  const actions: readonly FaultSpec["do"][] = [
    { kind: "disk-full", process: NSQD, freeBytes: pick(random, 0, 50, 1_000), ...span },
    { kind: "disk-error", process: NSQD, on: pick(random, "read", "write", "sync"), ...span },
    { kind: "no-descriptors", process: NSQD, ...span },
    { kind: "disk-slow", process: NSQD, factor: pick(random, 3, 100), ...span },
    { kind: "bit-rot", process: NSQD, bits: pick(random, 1, 5) },
    { kind: "kill", process: NSQD, restartAfterMs },
    { kind: "kill", process: NSQD, restartAfterMs, powerLoss: true },
    { kind: "kill", process: NSQD, restartAfterMs, powerLoss: true, tornTail: true },
    { kind: "kill", process: NSQD, restartAfterMs, restartWith: { emptyDisk: true } },
    { kind: "stop", process: NSQD, restartAfterMs },
    { kind: "stop", process: NSQD, restartAfterMs, restartWith: { options: { "max-bytes-per-file": 300 } } },
    { kind: "pause", process: NSQD, forMs: 300 },
  ];
  return actions[random.integer(0, actions.length - 1)]!;
}

function pick<T>(random: Random, ...values: readonly T[]): T {
  return values[random.integer(0, values.length - 1)]!;
}
