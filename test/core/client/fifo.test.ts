import fc from "fast-check";
import { expect, test } from "vitest";
import { Fifo } from "../../../core/client/fifo.ts";

test("keeps the order of an array, however it grows and shrinks", () => {
  const runs = fc.array(fc.tuple(fc.nat(3_000), fc.nat(3_000)), { maxLength: 6 });
  fc.assert(
    fc.property(runs, (counts) => {
      const fifo = new Fifo<number>();
      const model: number[] = [];
      let next = 0;
      for (const [pushed, taken] of counts) {
        for (let index = 0; index < pushed; index += 1) {
          fifo.push(next);
          model.push(next);
          next += 1;
        }
        expect([fifo.length, fifo.peek(), fifo.at(1), fifo.at(model.length)]).toEqual([
          model.length,
          model[0],
          model[1],
          undefined,
        ]);
        for (let index = 0; index < taken; index += 1) expect(fifo.shift()).toBe(model.shift());
      }
    }),
    { numRuns: 30 },
  );
});
