import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type QueueSurvey, surveyQueue } from "../../../sim/shadow/queue.ts";
import type { ProfileName } from "../../../sim/scenario/types.ts";
import { join, RECORD_BYTES, records, text } from "./files.ts";

function numbered(files: Readonly<Record<number, Uint8Array>>): Map<number, Uint8Array> {
  return new Map(Object.entries(files).map(([number, bytes]) => [Number(number), bytes]));
}

function survey(
  state: string | null,
  data: Readonly<Record<number, Uint8Array>>,
  profile: ProfileName = "exact",
  bad: Readonly<Record<number, Uint8Array>> = {},
): QueueSurvey {
  const files = { state: state === null ? null : text(state), data: numbered(data), bad: numbered(bad) };
  return surveyQueue(files, { profile, maxRecord: 1000 });
}

const kept = (result: QueueSurvey): number[] => result.kept.map(({ msg }) => msg);
const passed = (result: QueueSurvey): string[] => result.passed.map(({ record, cause }) => `${record.msg} ${cause}`);
const at = (count: number): number => count * RECORD_BYTES;

describe("what an nsqd finds in the files of a disk queue", () => {
  test("a record: its message, attempts and id", () => {
    expect(survey(`1\n0,0\n0,${at(1)}\n`, { 0: records(12) }).kept[0]).toMatchObject({
      msg: 12,
      attempts: 5,
      idHigh: 0x0d1f0000,
      idLow: 0x00000012,
    });
  });

  test("from where the reader was to where the writer was, over files", () => {
    const result = survey(`4\n1,${at(1)}\n2,${at(2)}\n`, { 1: records(1, 2, 3), 2: records(4, 5) });
    expect(kept(result)).toEqual([2, 3, 4, 5]);
    expect(result).toMatchObject({ salvagedFrom: 4, passed: [], problem: "" });
  });

  test("what was written after the last sync, too", () => {
    const result = survey(`1\n0,0\n0,${at(1)}\n`, { 0: records(1, 2, 3) });
    expect(kept(result)).toEqual([1, 2, 3]);
    expect(result.salvagedFrom).toBe(1);
  });

  test("without a state nothing, and the file is ignored", () => {
    for (const profile of ["exact", "nsqd-1.3"] as const) {
      const result = survey(null, { 0: records(1, 2) }, profile);
      expect(kept(result)).toEqual([]);
      expect(passed(result)).toEqual(["1 ignored", "2 ignored"]);
      expect(result.problem).toBe("");
    }
  });

  test.each(["", "garbage", "3\n2,0\n1,0\n", "3\n0,0\n9000000,0\n"])(
    "with the state %j `exact` reads everything",
    (state) => {
      const data = { 3: records(1, 2), 4: records(3) };
      expect(survey(state, data)).toMatchObject({ passed: [], problem: "its state cannot be read" });
      expect(kept(survey(state, data))).toEqual([1, 2, 3]);
      expect(kept(survey(state, data, "nsqd-1.3"))).toEqual([]);
    },
  );

  test("a torn last record ends it", () => {
    const torn = join(records(1, 2), records(3).subarray(0, 20));
    const result = survey(`1\n0,0\n0,${at(1)}\n`, { 0: torn });
    expect(kept(result)).toEqual([1, 2]);
    expect(passed(result)).toEqual([]);
  });

  test("behind a damaged record the rest of its file is lost, but found; the next file is read", () => {
    const bytes = records(1, 2, 3, 4);
    bytes[at(1) + 1] = 0x7f;
    const result = survey(`5\n0,0\n1,${at(1)}\n`, { 0: bytes, 1: records(5) });
    expect(kept(result)).toEqual([1, 5]);
    expect(passed(result)).toEqual(["3 damaged", "4 damaged"]);
    expect(result.problem).toBe(`file 0 is damaged at byte ${at(1)}`);
  });

  test("a record without an id is passed over", () => {
    const bytes = records(1, 2, 3);
    bytes[at(1) + 14] = 0;
    const result = survey(`3\n0,0\n0,${at(3)}\n`, { 0: bytes });
    expect(kept(result)).toEqual([1, 3]);
    expect(passed(result)).toEqual(["2 damaged"]);
    expect(result).toMatchObject({ salvagedFrom: 2, problem: "" });
  });

  test("files set aside are not read", () => {
    const result = survey(`0\n1,0\n1,0\n`, {}, "exact", { 0: records(7, 8) });
    expect(kept(result)).toEqual([]);
    expect(passed(result)).toEqual(["7 damaged", "8 damaged"]);
  });

  test("a state beyond its data, or with another count, is a problem", () => {
    expect(survey(`2\n0,0\n0,${at(2)}\n`, { 0: records(1) }).problem).toBe(
      `its state leads to byte ${at(2)} of ${at(1)}`,
    );
    expect(survey(`3\n0,0\n0,${at(2)}\n`, { 0: records(1, 2) }).problem).toBe(
      "its state says 3 messages, its files hold 2",
    );
    expect(survey(`3\n0,0\n0,${at(2)}\n`, { 0: records(1, 2) }, "nsqd-1.3").problem).toBe("");
  });

  test("ghosts: nsqd 1.3 reads on behind what it wrote over old bytes (surprises 19a)", () => {
    const result = survey(`1\n0,0\n0,${at(1)}\n`, { 0: records(100, 2, 3) }, "nsqd-1.3");
    expect(kept(result)).toEqual([100, 2, 3]);
    expect(result.salvagedFrom).toBe(1);
  });

  test("any bytes: nothing is invented, nothing throws", () => {
    const damage = fc.array(fc.record({ where: fc.nat(at(6) - 1), bit: fc.nat(7) }), { maxLength: 5 });
    fc.assert(
      fc.property(damage, fc.nat(at(6)), fc.nat(at(6)), (flips, readAt, writeAt) => {
        const bytes = records(1, 2, 3, 4, 5, 6);
        for (const { where, bit } of flips) bytes[where]! ^= 1 << bit;
        const result = survey(`6\n0,${readAt}\n0,${writeAt}\n`, { 0: bytes });
        for (const { from, to } of [...result.kept, ...result.passed.map(({ record }) => record)]) {
          expect(from).toBeGreaterThanOrEqual(0);
          expect(to).toBeLessThanOrEqual(bytes.length);
          expect(to - from).toBeGreaterThanOrEqual(30);
        }
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});
