import { describe, expect, test } from "vitest";
import { runTwice } from "../../../sim/compare.ts";
import { DriftingClock } from "../../../sim/drift.ts";
import type { Scenario } from "../../../sim/scenario/types.ts";
import { at, small } from "../small.ts";
import { runWith, told, wrong } from "./told.ts";

/** The first delivery of each message runs into its deadline, after a second. */
const silent: Pick<Scenario, "consumers" | "durationMs"> = {
  durationMs: 8_000,
  consumers: [
    {
      ...small().consumers[0]!,
      maxInFlight: 200,
      concurrency: 200,
      handler: [{ when: { attempts: 1 }, outcome: "silent" }],
    },
  ],
};

/** How long a message was in flight before it came again, in ms of true time. */
function timeouts(ppm: number): number[] {
  const faults = ppm === 0 ? [] : [at(0, { kind: "clock-drift", process: "nsqd1", ppm })];
  const run = runWith(faults, { ...silent, network: { latency: 1 } });
  expect(wrong(run)).toEqual([]);
  const events = [...run.history.events()].filter(({ kind }) => kind === "deliver");
  const first = new Map(events.filter(({ value }) => value === 1).map((event) => [event.msg, event.atUs]));
  return events.filter(({ value }) => value === 2).map(({ msg, atUs }) => (atUs - first.get(msg)!) / 1_000);
}

/** When messages came, with a step of nsqd's clock. */
function deliveries(byMs: number): number[] {
  const run = runWith([at(500, { kind: "clock-step", process: "nsqd1", byMs })], {
    ...silent,
    network: { latency: 1 },
  });
  expect(wrong(run)).toEqual([]);
  return [...run.history.events()].filter(({ kind }) => kind === "deliver").map(({ atUs }) => atUs);
}

describe("a clock that drifts", () => {
  test("makes the timers of its process early or late, and the oracles know it", () => {
    expect(new Set(timeouts(0))).toEqual(new Set([1_000]));
    for (const late of timeouts(-100_000)) expect(late).toBeCloseTo(1_000 / 0.9, 1);
    for (const early of timeouts(100_000)) expect(early).toBeCloseTo(1_000 / 1.1, 1);
  });

  test("moves timers that wait already, there and back", () => {
    const one: Partial<Scenario> = {
      ...silent,
      network: { latency: 1 },
      producers: [{ name: "p1", nsqd: ["nsqd1"], workload: [{ topic: "orders", count: 1, everyMs: 0 }] }],
    };
    const run = runWith([at(500, { kind: "clock-drift", process: "nsqd1", ppm: 100_000, forMs: 300 })], one);
    const plain = runWith([], one);
    const second = (of: typeof run): number =>
      [...of.history.events()].find(({ kind, value }) => kind === "deliver" && value === 2)!.atUs;
    // 300 ms are 330 ms on the fast clock.
    expect(second(plain) - second(run)).toBe(30_000);
    expect(told(run, "fault")).toEqual([
      "500 begin nsqd1 clock-drift for 300 ms by 100000 ppm",
      "800 end nsqd1 clock-drift for 300 ms by 100000 ppm",
    ]);
    expect(wrong(run)).toEqual([]);
  });

  test("is the wall clock as well, and what it gained stays gained, over a restart too", () => {
    const run = runWith(
      [
        at(0, { kind: "clock-drift", process: "nsqd1", ppm: 100_000, forMs: 1_000 }),
        at(1_100, { kind: "kill", process: "nsqd1", restartAfterMs: 50 }),
      ],
      {
        network: { latency: 1 },
        producers: [
          { name: "p1", nsqd: ["nsqd1"], workload: [{ topic: "orders", count: 1, everyMs: 0, startMs: 1_500 }] },
        ],
      },
    );
    const deliver = [...run.history.events()].find(({ kind }) => kind === "deliver")!;
    const plain = runWith([], {
      network: { latency: 1 },
      producers: [
        { name: "p1", nsqd: ["nsqd1"], workload: [{ topic: "orders", count: 1, everyMs: 0, startMs: 1_500 }] },
      ],
    });
    const expected = [...plain.history.events()].find(({ kind }) => kind === "deliver")!;
    expect(deliver.detail - expected.detail - (deliver.atUs - expected.atUs)).toBe(100_000);
  });

  test("of a client changes its pace, not the history's", () => {
    const run = runWith([at(0, { kind: "clock-drift", process: "p1", ppm: -100_000 })]);
    const publishes = [...run.history.events()].filter(({ kind }) => kind === "publish").map(({ atUs }) => atUs);
    expect(publishes[90]! - publishes[0]!).toBeGreaterThan(90 * 11_080);
    expect(wrong(run)).toEqual([]);
  });

  test("is the same each time, among other faults", () => {
    const faults = [
      at(100, { kind: "clock-drift", process: "nsqd1", ppm: 80_000, forMs: 900 }),
      at(300, { kind: "clock-drift", process: "nsqd1", ppm: -80_000, forMs: 300 }),
      at(400, { kind: "pause", process: "nsqd1", forMs: 200 }),
      at(700, { kind: "clock-step", process: "nsqd1", byMs: -5_000 }),
      at(800, { kind: "clock-drift", process: "c1", ppm: 100_000 }),
    ];
    const { first, divergence } = runTwice(small({ ...silent, faults }));
    expect(divergence).toBeNull();
    expect(first.faultsFired).toBe(5);
    expect(wrong(first)).toEqual([]);
  });

  test("shows an instant exactly when it says that it does", () => {
    const clock = new DriftingClock();
    let instant = 0;
    for (const ppm of [100_000, -100_000, 7, -3, 0]) {
      clock.setPace(ppm, instant);
      for (const ahead of [1, 2, 999, 1_000_000, 123_456_789]) {
        const shown = clock.at(instant) + ahead;
        const when = clock.when(shown);
        expect(clock.at(when)).toBeGreaterThanOrEqual(shown);
        expect(clock.at(when - 1)).toBeLessThan(shown);
      }
      instant += 1_234_567;
    }
  });
});

describe("a clock step", () => {
  test("moves no timer", () => {
    expect(deliveries(-60_000)).toEqual(deliveries(60_000));
  });
});
