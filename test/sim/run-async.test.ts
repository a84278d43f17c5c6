import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { UserHandler } from "../../sim/handlers.ts";
import type { HistoryEvent } from "../../sim/history.ts";
import { simulate, simulateAsync } from "../../sim/run.ts";
import { ScenarioError } from "../../sim/scenario/validate.ts";
import { small } from "./small.ts";

const drain = (): PromiseLike<void> => setImmediate();

function using(config: Record<string, string> = {}) {
  const consumer = { ...small().consumers[0]!, handler: { use: "work" } };
  return small({ consumers: [{ ...consumer, config: { ...consumer.config, ...config } }] });
}

const sleepAtRandom: UserHandler = async (_message, context) => context.sleep(context.random.integer(1, 30));

async function runWith(work: UserHandler, config: Record<string, string> = {}) {
  return simulateAsync(using(config), { handlers: { work }, drain });
}

function rows(events: Iterable<HistoryEvent>, kind: string, msg: number): HistoryEvent[] {
  return [...events].filter((event) => event.kind === kind && event.msg === msg);
}

describe("handlers that are functions", () => {
  test("may sleep in virtual time, which stands still for everything else they await", async () => {
    const seen: number[] = [];
    const run = await runWith(async (message, context) => {
      const began = context.now();
      await Promise.resolve();
      await Promise.resolve();
      expect(context.now()).toBe(began);
      await context.sleep(50);
      seen.push(Math.round((context.now() - began) * 1_000));
      expect(message.text).toMatch(/^\d+ \.+/);
    });
    expect(run.outcome).toBe("pass");
    expect(run.ledger.finished).toBe(100);
    expect(new Set(seen)).toEqual(new Set([50_000]));
    const [handle] = rows(run.history.events(), "handle", 1);
    const [handled] = rows(run.history.events(), "handled", 1);
    expect(handled).toMatchObject({ atUs: handle!.atUs + 50_000, text: "ok" });
  });

  test("what they throw or reject is an event of the run, and requeues the message", async () => {
    const run = await runWith(
      (message) => {
        if (message.attempts > 1) return null;
        if (message.text.startsWith("1 ")) throw new TypeError("at once");
        return message.text.startsWith("2 ") ? Promise.reject(new RangeError("later")) : null;
      },
      { default_requeue_delay: "10ms", max_backoff_duration: "0s" },
    );
    expect(rows(run.history.events(), "handled", 1).map(({ text }) => text)).toEqual(["TypeError: at once", "ok"]);
    expect(rows(run.history.events(), "handled", 2).map(({ text }) => text)).toEqual(["RangeError: later", "ok"]);
    expect(rows(run.history.events(), "requeue", 2)).toHaveLength(1);
    expect(run.ledger.finished).toBe(100);
  });

  test("may answer and touch by themselves, from any microtask", async () => {
    const run = await runWith(async (message, context) => {
      if (message.attempts > 1) return;
      await context.sleep(10);
      message.touch();
      await context.sleep(10);
      message.requeue(20);
    });
    expect(rows(run.history.events(), "touch", 7)).toHaveLength(1);
    expect(rows(run.history.events(), "requeue", 7)).toMatchObject([{ value: 20_000 }]);
    expect(rows(run.history.events(), "finish", 7)).toHaveLength(1);
  });

  test("give the same run every time", async () => {
    const [first, second] = [await runWith(sleepAtRandom), await runWith(sleepAtRandom)];
    expect(second.hash).toBe(first.hash);
  });

  test("that were not given are named", async () => {
    expect(() => simulate(using())).toThrow(
      'consumers[0].handler.use: found "work", expected behaviours: no handler function was given',
    );
    const wrong = simulateAsync(using(), { handlers: { wrok: () => null }, drain });
    await expect(wrong).rejects.toThrow(ScenarioError);
  });
});
