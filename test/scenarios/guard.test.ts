import { setTimeout as realSleep } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { lateFinFinishesSecondRun as quick } from "../../scenarios/catalogue/late-fin-finishes-second-run.ts";
import { DeterminismError, guarded, guardedAsync, unguarded } from "../../scenarios/guard.ts";
import { runTwice, simulate, simulateAsync } from "../../scenarios/simulate.ts";
import type { UserHandler } from "../../sim/handlers.ts";
import { simulate as simulateUnguarded } from "../../sim/run.ts";
import { small } from "../sim/small.ts";

const CALLS: readonly (readonly [string, () => unknown])[] = [
  ["Date.now", () => Date.now()],
  ["new Date", () => new Date()],
  ["Date", () => Date()],
  ["performance.now", () => performance.now()],
  ["Math.random", () => Math.random()],
  ["crypto.getRandomValues", () => crypto.getRandomValues(new Uint8Array(1))],
  ["crypto.randomUUID", () => crypto.randomUUID()],
  ["setTimeout", () => setTimeout(() => undefined, 0)],
  ["setInterval", () => setInterval(() => undefined, 1)],
  ["setImmediate", () => setImmediate(() => undefined)],
  ["queueMicrotask", () => queueMicrotask(() => undefined)],
];

/** What the guard touches, as the runtime has it. */
function surface(): unknown[] {
  const holders: object[] = [Date, performance, crypto, Math];
  const globals = ["Date", "setTimeout", "setInterval", "setImmediate", "queueMicrotask"];
  return [
    ...holders.map((holder) => Object.getOwnPropertyDescriptors(holder)),
    ...globals.map((name) => Object.getOwnPropertyDescriptor(globalThis, name)),
  ];
}

const before = surface();
afterEach(() => {
  vi.useRealTimers();
  expect(surface()).toEqual(before);
});

const consumer = { ...small().consumers[0]!, handler: { use: "work" } };
const withHandler = small({ consumers: [consumer] });

function running(work: UserHandler, realWorld: "refuse" | "allow" = "refuse") {
  return simulateAsync(withHandler, { handlers: { work }, realWorld });
}

describe("in a guarded run", () => {
  test.each(CALLS)("%s throws an error that names it, with the stack of the caller", (name, call) => {
    function culprit(): unknown {
      return call();
    }
    const error = thrownBy(() => guarded(culprit));
    expect(error).toBeInstanceOf(DeterminismError);
    expect(error).toMatchObject({
      call: name,
      message: expect.stringMatching(`^${name.replace(".", "\\.")}\\(\\) was called`),
    });
    expect((error as Error).stack).toContain("culprit");
  });

  test("what tells no time is allowed", () => {
    const year = guarded(() => {
      const date = new Date(0);
      expect(date).toBeInstanceOf(Date);
      return [date.getUTCFullYear(), Date.UTC(1970), Math.max(1, 2)];
    });
    expect(year).toEqual([1970, 0, 2]);
  });

  test("a forbidden call is reported even if its error was caught", () => {
    expect(() => guarded(randomOrFour)).toThrow(DeterminismError);
  });

  test("other errors pass, and everything is as before", () => {
    expect(() =>
      guarded(() => {
        throw new RangeError("something else");
      }),
    ).toThrow(RangeError);
    expect(Date.now()).toBeGreaterThan(0);
  });

  test("guards may be nested, and stepped out of", () => {
    expect(guarded(() => guarded(() => 1) + unguarded(() => Math.floor(Math.random())))).toBe(1);
    expect(() => guarded(() => guarded(() => 1) + Math.random())).toThrow("Math.random()");
  });

  test("fake timers of a test library stay what they are", () => {
    vi.useFakeTimers({ now: 5 });
    expect(() => guarded(() => Date.now())).toThrow(DeterminismError);
    expect(Date.now()).toBe(5);
  });
});

describe("an asynchronous guarded run", () => {
  test.each(CALLS.filter(([name]) => name !== "queueMicrotask"))("refuses %s of a handler", async (name, call) => {
    const run = running(async (_message, context) => {
      await context.sleep(1);
      call();
    });
    await expect(run).rejects.toMatchObject({ name: "DeterminismError", call: name });
  });

  test("allows microtasks, which are in order", async () => {
    const run = await running(
      (_message, context) => new Promise<void>((resolve) => queueMicrotask(() => void context.sleep(1).then(resolve))),
    );
    expect(run.outcome).toBe("pass");
  });

  test("leaves alone what the process does beside it", async () => {
    let ticks = 0;
    const runsEnded = new AbortController();
    const beside = (async () => {
      while (!runsEnded.signal.aborted) {
        await realSleep(0);
        expect(Date.now() + Math.random() + performance.now()).toBeGreaterThan(0);
        await new Promise((resolve) => void setImmediate(resolve));
        ticks += 1;
      }
    })();
    const runs = await Promise.all([
      running((_, context) => context.sleep(5)),
      running((_, context) => context.sleep(5)),
    ]);
    runsEnded.abort();
    await beside;
    expect(ticks).toBeGreaterThan(0);
    expect(runs[0].hash).toBe(runs[1].hash);
    await expect(guardedAsync(async () => Math.random())).rejects.toThrow(DeterminismError);
  });

  test("may be asked to allow the real world", async () => {
    expect((await running(() => Date.now(), "allow")).outcome).toBe("pass");
  });
});

test("a guarded run is the run, whoever looks at its log", () => {
  let stamps = 0;
  const run = simulate(quick, { log: () => void (stamps += Math.sign(Date.now())) });
  expect(run.hash).toBe(simulateUnguarded(quick).hash);
  expect(stamps).toBeGreaterThan(0);
  expect(runTwice(quick).divergence).toBeNull();
});

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

function randomOrFour(): number {
  try {
    return Math.random();
  } catch {
    return 4;
  }
}
