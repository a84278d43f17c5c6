import fc from "fast-check";
import { expect, test } from "vitest";
import { PairRing } from "../../../core/queue/ring.ts";

test("a ring is a queue, whatever it grows and shrinks through", () => {
  const operations = fc.array(fc.oneof(fc.nat(3000), fc.constant(-1), fc.constant(-2500)), { maxLength: 40 });
  fc.assert(
    fc.property(operations, (counts) => {
      const ring = new PairRing();
      const model: [number, number][] = [];
      let next = 0;
      for (const count of counts) {
        for (let index = 0; index < count; index += 1) {
          next += 1;
          ring.push(next, 2 ** 32 - next);
          model.push([next, 2 ** 32 - next]);
        }
        for (let index = count; index < 0 && model.length > 0; index += 1) {
          const [first, second] = model.shift()!;
          if (ring.peekFirst() !== first || ring.peekSecond() !== second) throw new Error(`not ${first}`);
          ring.shift();
        }
        expect(ring.length).toBe(model.length);
      }
    }),
    { numRuns: 30 },
  );
});

test("taking from an empty ring is a mistake of ours", () => {
  expect(() => new PairRing().peekFirst()).toThrow("empty ring");
  expect(() => new PairRing().shift()).toThrow("empty ring");
});
