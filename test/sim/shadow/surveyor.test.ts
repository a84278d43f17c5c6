import { describe, expect, test } from "vitest";
import { History } from "../../../sim/history.ts";
import { Surveyor } from "../../../sim/shadow/surveyor.ts";
import { RECORD_BYTES, records, text } from "./files.ts";

const RULES = { profile: "exact", maxRecord: 1000 } as const;
const DATA = "orders:billing.diskqueue.000000.dat";
const STATE = "orders:billing.diskqueue.meta.dat";
const METADATA = text(
  '{"topics":[{"name":"orders","paused":false,"channels":[{"name":"billing","paused":false}]}],"version":"1.3.0"}',
);

type Files = Record<string, Uint8Array>;

const ALL: Files = {
  "nsqd.dat": METADATA,
  [DATA]: records(1, 2, 3),
  [STATE]: text(`3\n0,0\n0,${3 * RECORD_BYTES}\n`),
};

/** Rows written when an nsqd ends with some files and starts with others: `kind place msg text`. */
function told(before: Files, after: Files | "wiped", end: "kill" | "stopped", dark = false): string[] {
  const history = new History();
  let files = before;
  let wipes = 0;
  const machine = {
    dark,
    files: {
      snapshot: () => new Map(Object.entries(files)),
      get wipes() {
        return wipes;
      },
    },
  };
  const surveyor = new Surveyor(history, "nsqd1", machine);
  surveyor.started(0, RULES);
  surveyor.ended(end, RULES);
  files = after === "wiped" ? {} : after;
  if (after === "wiped") wipes += 1;
  surveyor.started(5, RULES);
  return [...history.events()].map(({ kind, place, msg, text: note, value, detail }) => {
    return kind === "survey" ? `survey ${value} ${detail} ${note}`.trim() : `${kind} ${place} ${msg} ${note}`.trim();
  });
}

const LISTED = ["kept orders -1", "kept orders/billing -1"];
const KEPT = [1, 2, 3].map((msg) => `kept orders/billing ${msg}`);

describe("the survey of an nsqd that is started again", () => {
  test("finds what was there", () => {
    expect(told(ALL, ALL, "kill")).toEqual(["survey 3 1", ...LISTED, ...KEPT]);
    expect(told(ALL, ALL, "stopped")[0]).toBe("survey 3 0");
  });

  test("after a loss of power misses what was not durable", () => {
    const after = { ...ALL, [DATA]: records(1), [STATE]: text(`1\n0,0\n0,${RECORD_BYTES}\n`) };
    expect(told(ALL, after, "kill", true)).toEqual([
      "survey 1 2",
      ...LISTED,
      "kept orders/billing 1",
      "unkept orders/billing 2 unsynced",
      "unkept orders/billing 3 unsynced",
    ]);
  });

  test("with an empty disk misses everything", () => {
    const lost = [1, 2, 3].map((msg) => `unkept orders/billing ${msg} lost`);
    expect(told(ALL, "wiped", "stopped")).toEqual(["survey 0 0", ...lost]);
    expect(told(ALL, "wiped", "kill", true)).toEqual(["survey 0 2", ...lost]);
  });

  test("tells damage from loss, and what is wrong with the files", () => {
    const bytes = records(1, 2, 3);
    bytes[RECORD_BYTES] = 0x40;
    expect(told(ALL, { ...ALL, [DATA]: bytes }, "kill")).toEqual([
      `survey 1 1 orders/billing: file 0 is damaged at byte ${RECORD_BYTES}`,
      ...LISTED,
      "kept orders/billing 1",
      "unkept orders/billing 2 damaged",
      "unkept orders/billing 3 damaged",
    ]);
  });

  test("without the state of its queue finds the file ignored", () => {
    const { [DATA]: data, "nsqd.dat": metadata } = ALL;
    const files = { [DATA]: data!, "nsqd.dat": metadata! };
    expect(told(files, files, "kill")).toEqual([
      "survey 0 1",
      ...LISTED,
      ...[1, 2, 3].map((msg) => `unkept orders/billing ${msg} ignored`),
    ]);
  });
});
