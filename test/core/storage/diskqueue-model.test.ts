import fc from "fast-check";
import { expect, test } from "vitest";
import { GO_DISKQUEUE, REPAIRED } from "../../../core/storage/policy.ts";
import { QueueRig } from "./rig.ts";

type Action =
  | { readonly kind: "write"; readonly sizes: readonly number[] }
  | { readonly kind: "take"; readonly count: number }
  | { readonly kind: "complete"; readonly count: number }
  | { readonly kind: "full"; readonly isFull: boolean }
  | { readonly kind: "wait" | "empty" | "restart" | "crash" };

function actions(...kinds: ("full" | "crash")[]): fc.Arbitrary<Action[]> {
  const all: fc.Arbitrary<Action>[] = [
    fc.record({
      kind: fc.constant("write" as const),
      sizes: fc.array(fc.integer({ min: 6, max: 40 }), { minLength: 1, maxLength: 8 }),
    }),
    fc.record({ kind: fc.constant("take" as const), count: fc.integer({ min: 1, max: 12 }) }),
    fc.record({ kind: fc.constant("complete" as const), count: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ kind: fc.constantFrom("wait" as const, "empty" as const, "restart" as const) }),
  ];
  if (kinds.includes("full")) all.push(fc.record({ kind: fc.constant("full" as const), isFull: fc.boolean() }));
  if (kinds.includes("crash")) all.push(fc.record({ kind: fc.constant("crash" as const) }));
  return fc.array(fc.oneof(...all), { maxLength: 40 });
}

/** What must come out: everything written, in order, and after a crash again from an earlier place at most. */
class Model {
  private readonly written: string[] = [];
  private next = 0;
  /** After a crash it is not known where the queue goes on; not beyond {@link next}. */
  private isUncertain = false;
  private floor = 0;

  label(size: number): string {
    return String(this.written.length).padStart(6, "0").padEnd(size, ".");
  }

  wrote(text: string): void {
    this.written.push(text);
  }

  took(text: string | null): void {
    if (this.isUncertain && text !== null) {
      const place = Number(text.slice(0, 6));
      expect(place).toBeGreaterThanOrEqual(this.floor);
      expect(place).toBeLessThanOrEqual(this.next);
      this.next = place;
      this.isUncertain = false;
    }
    expect(text).toBe(this.written[this.next] ?? null);
    if (text !== null) this.next += 1;
  }

  emptied(): void {
    this.next = this.written.length;
    this.floor = this.next;
    this.isUncertain = false;
  }

  crashed(): void {
    this.isUncertain = true;
  }
}

function perform(rig: QueueRig, model: Model, action: Action): void {
  switch (action.kind) {
    case "write": {
      for (const size of action.sizes) {
        const text = model.label(size);
        if (rig.write(text) === 1) model.wrote(text);
      }
      return;
    }
    case "take":
      for (let count = 0; count < action.count; count += 1) model.took(rig.take());
      return;
    case "complete":
      return rig.host.files.complete(action.count);
    case "wait":
      return rig.host.advance(2_000_000);
    case "full":
      rig.host.files.fault = (operation) =>
        action.isFull && ["put", "replace", "replaceNow"].includes(operation) ? "ENOSPC" : null;
      return;
    case "empty":
      rig.queue.empty();
      return model.emptied();
    case "restart":
      // Without room the last state cannot be saved.
      if (rig.host.files.fault("replace", "") !== null) model.crashed();
      rig.restart();
      rig.host.files.isSlow = true;
      return;
    case "crash":
      rig.crash();
      rig.host.files.isSlow = true;
      return model.crashed();
  }
}

function drain(rig: QueueRig, model: Model): void {
  for (;;) {
    const text = rig.take();
    model.took(text);
    if (text === null) break;
  }
  expect(rig.queue.depth).toBe(0);
}

const settings = { maxBytesPerFile: 100, syncEvery: 7 };

test("nothing is lost, invented or disordered, whatever happens", () => {
  fc.assert(
    fc.property(actions("full", "crash"), (list) => {
      const rig = new QueueRig({ ...settings, policy: REPAIRED });
      const model = new Model();
      rig.host.files.isSlow = true;
      for (const action of list) perform(rig, model, action);
      drain(rig, model);
      expect(rig.names.filter((name) => name.endsWith(".bad"))).toEqual([]);
      rig.host.files.complete();
      // One to write, one to read.
      expect(rig.host.files.openCount).toBeLessThanOrEqual(2);
      rig.queue.close(() => {});
      rig.host.files.complete();
      expect(rig.host.files.openCount).toBe(0);
    }),
    { numRuns: 400 },
  );
});

test("go-diskqueue, too, keeps everything while it stops cleanly", () => {
  fc.assert(
    fc.property(actions(), (list) => {
      const rig = new QueueRig({ ...settings, policy: GO_DISKQUEUE });
      const model = new Model();
      for (const action of list) perform(rig, model, action);
      drain(rig, model);
    }),
    { numRuns: 100 },
  );
});
