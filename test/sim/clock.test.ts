import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Agenda } from "../../sim/clock.ts";

describe("agenda", () => {
  test("runs entries by instant, equal instants in the order of adding", () => {
    const agenda = new Agenda();
    const seen: string[] = [];
    const add = (at: number, name: string): number => agenda.add(at, { due: () => seen.push(`${name}@${agenda.now}`) });
    add(20, "b");
    add(10, "a");
    add(20, "c");
    add(20, "d");
    agenda.runUntil(20);
    expect(seen).toEqual(["a@10", "b@20", "c@20", "d@20"]);
  });

  test("an entry in the past is due now, behind what is due now already", () => {
    const agenda = new Agenda();
    const seen: string[] = [];
    agenda.runUntil(100);
    agenda.add(100, { due: () => seen.push("now") });
    agenda.add(5, { due: () => seen.push("past") });
    agenda.step();
    agenda.step();
    expect(seen).toEqual(["now", "past"]);
    expect(agenda.now).toBe(100);
  });

  test("a cancelled entry does not run, and cancelling twice is a mistake", () => {
    const agenda = new Agenda();
    const slot = agenda.add(10, { due: () => expect.unreachable() });
    agenda.cancel(slot);
    expect(agenda.length).toBe(0);
    expect(() => agenda.cancel(slot)).toThrow("not waiting");
    agenda.runUntil(20);
    expect(agenda.now).toBe(20);
  });

  test("idle time is free", () => {
    const agenda = new Agenda();
    const year = 365 * 86_400 * 1_000_000;
    agenda.add(year, { due: () => {} });
    agenda.runUntil(year);
    expect(agenda.dispatched).toBe(1);
  });

  test("any mix of adding, cancelling and stepping agrees with a sorted list", () => {
    const operation = fc.oneof(
      { weight: 3, arbitrary: fc.record({ do: fc.constant("add" as const), delay: fc.nat(50) }) },
      fc.record({ do: fc.constant("cancel" as const), which: fc.nat() }),
      { weight: 2, arbitrary: fc.record({ do: fc.constant("step" as const) }) },
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 400 }), (operations) => {
        const agenda = new Agenda();
        let waiting: { at: number; name: number; slot: number }[] = [];
        let ran = -1;
        let names = 0;
        for (const one of operations) {
          if (one.do === "add") {
            const name = (names += 1);
            const at = agenda.now + one.delay;
            waiting.push({ at, name, slot: agenda.add(at, { due: () => (ran = name) }) });
          } else if (waiting.length > 0 && one.do === "cancel") {
            const [gone] = waiting.splice(one.which % waiting.length, 1);
            agenda.cancel(gone!.slot);
          } else if (waiting.length > 0) {
            const first = waiting.reduce((a, b) => (b.at < a.at ? b : a));
            waiting = waiting.filter((entry) => entry !== first);
            agenda.step();
            expect([agenda.now, ran]).toEqual([first.at, first.name]);
          }
          expect(agenda.length).toBe(waiting.length);
          expect(agenda.next).toBe(Math.min(...waiting.map((entry) => entry.at)));
        }
      }),
    );
  });
});
