import { describe, expect, test } from "vitest";
import {
  CrashPointsError,
  type CrashPointsOptions,
  describeCrashPoints,
  findCrashPoints,
} from "../../../scenarios/testing/index.ts";
import { orders } from "../../../scenarios/testing/orders.ts";

type Effect = (name: string) => void;

/** Two steps, each with an effect; the world is the function that records them. */
function twoSteps(changes: Partial<CrashPointsOptions<Effect>> = {}): CrashPointsOptions<Effect> {
  return {
    world: (effect) => effect,
    handler: async (_message, { step, sleep }, effect) => {
      await step("a", () => effect("A"));
      await step("b", async () => {
        await sleep(400);
        effect("B");
      });
    },
    ...changes,
  };
}

describe("orders of two deliveries", () => {
  test.each([
    [0, 0],
    [1, 2],
    [2, 6],
    [4, 70],
    [5, 252],
  ])("of %i steps: all %i of them, each once", (steps, count) => {
    const all = [...orders(steps)].map((order) => order.join(""));
    expect(new Set(all).size).toBe(count);
    expect(all).toHaveLength(count);
    for (const order of all) expect(order.replaceAll("2", "")).toHaveLength(steps);
    for (const order of all) expect(order).toHaveLength(2 * steps);
  });

  test("those with few switches come first", () => {
    const switches = [...orders(3)].map(
      (order) => order.filter((one, index) => index > 0 && order[index - 1] !== one).length,
    );
    expect(switches).toEqual(switches.toSorted((a, b) => a - b));
  });
});

describe("crash points", () => {
  test("a crash before every step and before the FIN, then every order", async () => {
    const { steps, stories, complete } = await findCrashPoints(twoSteps());
    expect(steps).toEqual(["a", "b"]);
    expect(complete).toBe(true);
    expect(stories.map(({ kind, trace }) => `${kind}: ${trace.join(", ")}`)).toEqual([
      "undisturbed: 1 a, 1 b",
      "crash: crash, 2 a, 2 b",
      "crash: 1 a, crash, 2 a, 2 b",
      "crash: 1 a, 1 b, crash, 2 a, 2 b",
      "concurrent: 1 a, 1 b, 2 a, 2 b",
      "concurrent: 2 a, 2 b, 1 a, 1 b",
      "concurrent: 1 a, 2 a, 2 b, 1 b",
      "concurrent: 2 a, 1 a, 1 b, 2 b",
      "concurrent: 1 a, 2 a, 1 b, 2 b",
      "concurrent: 2 a, 1 a, 2 b, 1 b",
    ]);
    expect(stories[2]).toMatchObject({
      text: 'the consumer dies after "a", before "b", and gets the message again',
      effects: { A: 2, B: 1 },
    });
  });

  test("what it finds is in a run, which ends well", async () => {
    const { effects } = await findCrashPoints(twoSteps());
    expect(effects.map(({ effect, fewest, most }) => [effect, fewest, most])).toEqual([
      ["A", 1, 2],
      ["B", 1, 2],
    ]);
    const { run, story } = effects[1]!.twice!;
    expect(story.text).toContain("before its FIN");
    expect(run).toMatchObject({ outcome: "pass", faultsFired: 1, ledger: { delivered: 2, finished: 1 } });
    expect(run.ledger.duplicates.map(({ licence }) => licence)).toEqual(["consumer-crash"]);
  });

  test("its effects are rows of that run, told by the world or by the handler", async () => {
    const { effects } = await findCrashPoints<Effect>({
      world: (effect) => effect,
      handler: async (_message, steps, effect) => {
        await steps.step("a", () => effect("A"));
        await steps.step("b", () => steps.effect("B"));
      },
    });
    expect(effects.map(({ effect, fewest, most }) => [effect, fewest, most])).toEqual([
      ["A", 1, 2],
      ["B", 1, 2],
    ]);
    const { history } = effects[0]!.twice!.run;
    const rows = [...history.events()].filter(({ kind }) => kind === "effect");
    expect(rows.map(({ text, value }) => `${value} ${text}`)).toEqual(["1 A", "2 A", "2 B"]);
  });

  test("the message is the one given, and its answers are the handler's", async () => {
    const seen = new Set<string>();
    const { stories } = await findCrashPoints(
      twoSteps({
        body: "héllo",
        handler: async (message, { step }) => {
          seen.add(`${message.text} ${new TextDecoder().decode(message.body)} ${message.id.length}`);
          await step("finish", () => message.finish());
        },
      }),
    );
    expect([...seen]).toEqual(["héllo héllo 16"]);
    expect(stories.map(({ trace }) => trace.join(", "))).toContain("1 finish, crash");
  });

  test("a second delivery that fails is tried again", async () => {
    const { stories } = await findCrashPoints(
      twoSteps({
        handler: async ({ attempts }, { step }, effect) => {
          await step("a", () => effect("A"));
          if (attempts === 2) throw new Error("the database has it already");
        },
      }),
    );
    expect(stories[1]!.trace).toEqual(["crash", "2 a", "3 a"]);
  });

  test("a handler that waits for a lock held by the other delivery does not hang", async () => {
    const { stories } = await findCrashPoints<{ locked: boolean }>({
      world: () => ({ locked: false }),
      handler: async (_message, { step, sleep }, world) => {
        await step("lock", async () => {
          while (world.locked) await sleep(10);
          world.locked = true;
        });
        await step("unlock", () => {
          world.locked = false;
        });
      },
    });
    for (const { kind, trace } of stories) {
      if (kind === "concurrent") expect(trace.join(", ")).toMatch(/^(\d) lock, \1 unlock, (\d) lock, \2 unlock/);
    }
  });

  test("many orders are cut short, and that is said", async () => {
    const found = await findCrashPoints(twoSteps({ maxOrders: 2 }));
    expect(found.stories.filter(({ kind }) => kind === "concurrent")).toHaveLength(2);
    expect(found.complete).toBe(false);
    expect(describeCrashPoints(found)).toContain("more orders of two deliveries than were tried");
  });

  test("a handler that fails anyway, or asks for the real time, is refused", async () => {
    const failing = findCrashPoints(twoSteps({ handler: () => Promise.reject(new Error("no bank")) }));
    await expect(failing).rejects.toThrow(CrashPointsError);
    await expect(failing).rejects.toThrow("although nothing goes wrong: Error: no bank");
    const asking = findCrashPoints(
      twoSteps({ handler: async (_m, { step }) => void (await step("a", () => Date.now())) }),
    );
    await expect(asking).rejects.toThrow("Date.now() was called");
  });
});
