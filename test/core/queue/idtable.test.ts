import fc from "fast-check";
import { expect, test } from "vitest";
import { Records } from "../../../core/queue/records.ts";
import { IdTable, NOT_FOUND } from "../../../core/queue/idtable.ts";

test("an id table finds what is in it and nothing else", () => {
  // Few different halves, so that ids share them and slots collide.
  const half = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 2 ** 32 - 4, max: 2 ** 32 - 1 }));
  const operation = fc.record({ high: half, low: half, add: fc.boolean() });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 400 }), (operations) => {
      const records = new Records(8);
      const table = new IdTable(records);
      const model = new Map<string, number>();
      for (const { high, low, add } of operations) {
        const key = `${high}:${low}`;
        const record = model.get(key);
        if (add && record === undefined) {
          const added = records.take();
          table.add(added, high, low);
          model.set(key, added);
        } else if (!add && record !== undefined) {
          table.remove(record);
          records.give(record);
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

test("an id table grows with its records, and gives the memory back", () => {
  const records = new Records(8);
  const table = new IdTable(records);
  const added: number[] = [];
  for (let round = 0; round < 2; round += 1) {
    for (let index = 0; index < 20_000; index += 1) {
      const record = records.take();
      table.add(record, 0x98a19df1, (index << 12) >>> 0);
      added.push(record);
    }
    for (let index = 0; index < 20_000; index += 1) {
      if (table.find(0x98a19df1, (index << 12) >>> 0) !== added[index]) throw new Error(`${index} is lost`);
    }
    for (const record of added.splice(0)) {
      table.remove(record);
      records.give(record);
    }
    expect(table.length).toBe(0);
    expect(records.data.length).toBe(0);
    expect(table.find(0x98a19df1, 0)).toBe(NOT_FOUND);
  }
});
