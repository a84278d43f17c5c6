import fc from "fast-check";
import { expect, test } from "vitest";
import { IdTable, NOT_FOUND } from "../../../core/queue/idtable.ts";

test("an id table finds what is in it and nothing else", () => {
  // Few different halves, so that ids share them and slots collide.
  const half = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 2 ** 32 - 4, max: 2 ** 32 - 1 }));
  const operation = fc.record({ high: half, low: half, add: fc.boolean() });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 400 }), (operations) => {
      const table = new IdTable();
      table.reserve(512);
      const model = new Map<string, number>();
      let next = 0;
      for (const { high, low, add } of operations) {
        const key = `${high}:${low}`;
        const record = model.get(key);
        if (add && record === undefined) {
          table.add(next, high, low);
          model.set(key, next);
          next += 1;
        } else if (!add && record !== undefined) {
          table.remove(record);
          model.delete(key);
        }
        expect(table.find(high, low)).toBe(model.get(key) ?? NOT_FOUND);
        expect(table.length).toBe(model.size);
      }
      for (const [key, record] of model) {
        const [high, low] = key.split(":").map(Number);
        expect(table.find(high!, low!)).toBe(record);
      }
    }),
  );
});

test("an id table grows with its records", () => {
  const table = new IdTable();
  for (let record = 0; record < 5000; record += 1) {
    if (record % 16 === 0) table.reserve(record + 16);
    table.add(record, 0x18a19df1, (record << 12) >>> 0);
  }
  for (let record = 0; record < 5000; record += 1) expect(table.find(0x18a19df1, (record << 12) >>> 0)).toBe(record);
});
