import { describe, expect, test } from "vitest";
import type { Run } from "../../../sim/result.ts";
import { simulate } from "../../../sim/run.ts";
import { ScenarioError } from "../../../sim/scenario/validate.ts";
import type { FaultAction, Scenario } from "../../../sim/scenario/types.ts";
import { small } from "../small.ts";

/** Everything goes through the disk. */
const ON_DISK = { name: "nsqd1", options: { "mem-queue-size": 0, "sync-timeout": "50ms" } };

function struck(action: FaultAction, changes: Partial<Scenario> = {}): Run {
  return simulate(small({ nsqd: [ON_DISK], faults: [{ trigger: { atMs: 500 }, do: action }], ...changes }));
}

function rows(run: Run, kind: string): string[] {
  return [...run.history.events()]
    .filter((event) => event.kind === kind)
    .map(({ process, detail, text }) => `${process} ${detail} ${text}`);
}

describe("a fault of the disk acts when it is met", () => {
  test.each<FaultAction>([
    { kind: "disk-full", process: "nsqd1", freeBytes: 300, forMs: 700 },
    { kind: "disk-error", process: "nsqd1", on: "read", forMs: 300 },
    { kind: "disk-error", process: "nsqd1", on: "write", forMs: 300 },
    { kind: "disk-error", process: "nsqd1", on: "sync", forMs: 300 },
    { kind: "disk-slow", process: "nsqd1", factor: 10, forMs: 300 },
    { kind: "bit-rot", process: "nsqd1", bits: 3 },
  ])("%o", (action) => {
    const run = struck(action);
    expect(run.faultsFired).toBe(1);
    expect(rows(run, "fault").map((row) => row.slice(0, 7))).toEqual(["nsqd1 1", "nsqd1 0"]);
  });

  test("and not when nothing meets it", () => {
    const run = struck({ kind: "disk-full", process: "nsqd1", forMs: 500 }, { nsqd: [{ name: "nsqd1" }] });
    expect([run.faultsFired, rows(run, "fault")]).toEqual([0, []]);
  });
});

test("it is told in words", () => {
  const run = struck({ kind: "disk-full", process: "nsqd1", freeBytes: 100, forMs: 500 });
  expect(rows(run, "fault")[0]).toBe("nsqd1 1 disk-full but for 100 bytes for 500 ms");
});

test("what fails is recorded", () => {
  const run = struck({ kind: "disk-error", process: "nsqd1", on: "write", forMs: 300 });
  const failures = rows(run, "disk").map((row) => row.replace(/\d+\.dat/, "N.dat"));
  expect(new Set(failures)).toContain("nsqd1 0 write orders.diskqueue.N.dat: EIO");
  expect(rows(struck({ kind: "bit-rot", process: "nsqd1", bits: 2 }), "disk").map((row) => row.slice(0, 12))).toEqual([
    "nsqd1 0 rot ",
    "nsqd1 0 rot ",
  ]);
});

test("an nsqd that its disk keeps from starting is started again until it does", () => {
  const faults: Scenario["faults"] = [
    { trigger: { atMs: 200 }, do: { kind: "disk-error", process: "nsqd1", on: "write", forMs: 1_200 } },
    { trigger: { atMs: 400 }, do: { kind: "kill", process: "nsqd1", restartAfterMs: 10 } },
  ];
  const run = simulate(small({ nsqd: [ON_DISK], faults }));
  const states = [...run.history.events()].filter(({ kind, process }) => kind === "process" && process === "nsqd1");
  expect(states.map(({ text }) => text)).toEqual(["start", "kill", "start", "stopped", "start"]);
  expect(states[4]!.atUs - states[3]!.atUs).toBe(1_000_000);
});

test("one that is asked to stop while it cannot start stops once", () => {
  const faults: Scenario["faults"] = [
    { trigger: { atMs: 200 }, do: { kind: "disk-error", process: "nsqd1", on: "write", forMs: 1_200 } },
    { trigger: { atMs: 400 }, do: { kind: "kill", process: "nsqd1", restartAfterMs: 10 } },
    // Its first write takes 2 ms; then its queues are closed, one after the other.
    { trigger: { atMs: 413 }, do: { kind: "stop", process: "nsqd1", restartAfterMs: 10 } },
  ];
  const run = simulate(small({ nsqd: [ON_DISK], faults }));
  const states = [...run.history.events()].filter(({ kind, process }) => kind === "process" && process === "nsqd1");
  expect(states.map(({ text }) => text).slice(0, 5)).toEqual(["start", "kill", "start", "stop", "stopped"]);
  expect(run.ledger.finished).toBeGreaterThan(0);
  expect(states.at(-1)!.text).toBe("start");
});

test.each([
  ["exact", true],
  ["nsqd-1.3", false],
] as const)("a topic that nsqd.dat had no room for is there after a kill: %s %s", (profile, isKept) => {
  const run = simulate(
    small({
      nsqd: [{ name: "nsqd1", profile }],
      operations: [{ atMs: 300, nsqd: "nsqd1", topic: "late", do: "create" }],
      faults: [
        { trigger: { atMs: 100 }, do: { kind: "disk-full", process: "nsqd1", forMs: 500 } },
        { trigger: { atMs: 1_800 }, do: { kind: "kill", process: "nsqd1", restartAfterMs: 10 } },
      ],
    }),
  );
  const listed = [...run.history.events()].filter(({ kind, msg }) => kind === "kept" && msg < 0);
  expect(listed.some(({ place }) => place === "late")).toBe(isKept);
});

test.each<readonly [FaultAction, string]>([
  [{ kind: "disk-full", process: "nsqd2" }, "faults[0].do.process"],
  [{ kind: "disk-full", process: "c1" }, "faults[0].do.process"],
  [{ kind: "disk-error", process: "nsqd1", on: "reed" as "read" }, "faults[0].do.on"],
  [{ kind: "bit-rot", process: "nsqd1", bits: 0 }, "faults[0].do.bits"],
  [{ kind: "disk-slow", process: "nsqd1", factor: 0.5 }, "faults[0].do.factor"],
  [{ kind: "disk-ful", process: "nsqd1" } as unknown as FaultAction, "faults[0].do.kind"],
])("%o is refused", (action, path) => {
  try {
    struck(action);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(ScenarioError);
    expect((error as Error).message).toContain(path);
  }
});
