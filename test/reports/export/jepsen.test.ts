import { describe, expect, test } from "vitest";
import { exportJepsen } from "../../../reports/export/jepsen.ts";
import { findScenario } from "../../../scenarios/catalogue/index.ts";
import { History } from "../../../sim/history.ts";
import type { Run } from "../../../sim/result.ts";
import { simulate } from "../../../sim/run.ts";
import { readEdn } from "./edn.ts";

interface Operation {
  readonly ":index": number;
  readonly ":time": number;
  readonly ":process": number | ":nemesis";
  readonly ":type": ":invoke" | ":ok" | ":fail" | ":info";
  readonly ":f": string;
  readonly ":value": readonly [string, number | null] | string;
  readonly ":error"?: string;
}

/** Scenarios with errors, crashes, resets, requeues, or channels that come late. */
const EVENTFUL = [
  "lost-fin",
  "pipelined-neighbours",
  "late-second-channel",
  "pause-survives-kill",
  "reconnect-storm-in-backoff",
];

function operationsOf(history: History): Operation[] {
  return readEdn(exportJepsen(history)) as unknown as Operation[];
}

function runOf(name: string): Run {
  return simulate(findScenario(name)!);
}

/** What Jepsen's checker/total-queue computes, of one channel. */
function totalQueue(operations: readonly Operation[], channel: string) {
  const values = (f: string, type: string): number[] =>
    operations.flatMap((one) => {
      const [place, msg] = typeof one[":value"] === "string" ? ["", null] : one[":value"];
      return one[":f"] === f && one[":type"] === type && place === channel && msg !== null ? [msg] : [];
    });
  const attempted = new Set(values(":enqueue", ":invoke"));
  const taken = values(":dequeue", ":ok");
  const known = new Set(taken);
  return {
    attempted: attempted.size,
    lost: values(":enqueue", ":ok").filter((msg) => !known.has(msg)),
    unexpected: taken.filter((msg) => !attempted.has(msg)),
    duplicated: taken.length - known.size,
  };
}

describe("Jepsen operations", () => {
  test.each(EVENTFUL)("%s: a process does one thing at a time, and none after :info", (name) => {
    const operations = operationsOf(runOf(name).history);
    const under = new Map<number | string, string>();
    const gone = new Set<number | string>();
    for (const [index, one] of operations.entries()) {
      if (one[":index"] !== index) expect.fail(`operation ${index} says ${one[":index"]}`);
      if (index > 0 && one[":time"] < operations[index - 1]![":time"]) expect.fail(`time goes back at ${index}`);
      const process = one[":process"];
      if (process === ":nemesis") continue;
      if (gone.has(process)) expect.fail(`process ${process} is used again at ${index}`);
      const isInvocation = one[":type"] === ":invoke";
      if (under.get(process) !== (isInvocation ? undefined : one[":f"])) expect.fail(`process ${process} at ${index}`);
      if (isInvocation) under.set(process, one[":f"]);
      else under.delete(process);
      if (one[":type"] === ":info") gone.add(process);
    }
    expect(operations.length).toBeGreaterThan(200);
    expect([...under]).toEqual([]);
  });

  test.each([
    ["happy-path", "orders/billing"],
    ["happy-path", "orders/shipping"],
    ["lost-fin", "orders/billing"],
    ["late-second-channel", "orders/billing"],
    ["pipelined-neighbours", "orders/billing"],
  ])("%s: nothing lost, nothing unexpected on %s", (name, channel) => {
    const run = runOf(name);
    const verdict = totalQueue(operationsOf(run.history), channel);
    expect(verdict.attempted).toBe(run.ledger.published);
    expect(verdict).toMatchObject({ lost: [], unexpected: [] });
  });

  test("counts are those of the ledger; a FIN that was lost shows as a duplicate", () => {
    const run = runOf("lost-fin");
    const operations = operationsOf(run.history);
    const count = (f: string, type: string): number =>
      operations.filter((one) => one[":f"] === f && one[":type"] === type).length;
    expect(count(":enqueue", ":ok")).toBe(run.ledger.accepted);
    expect(count(":dequeue", ":invoke")).toBe(run.ledger.delivered);
    expect(totalQueue(operations, "orders/billing").duplicated).toBe(
      run.ledger.duplicates.filter(({ licence }) => licence === "lost-fin").length,
    );
    expect(operations.filter((one) => one[":f"] === ":fault-begins")).toHaveLength(run.faultsFired);
  });

  test("a channel that may have come later is owed nothing for sure", () => {
    const history = new History();
    const about = { peer: "nsqd1", conn: 0 };
    const publish = (msg: number): void => {
      const row = { ...about, atUs: msg, process: "p", place: "t", msg };
      history.record({ ...row, kind: "publish" });
      history.record({ ...row, kind: "publish-ok" });
    };
    history.record({ ...about, atUs: 0, kind: "subscribe", process: "c1", place: "t/a" });
    publish(1);
    history.record({ ...about, atUs: 2, kind: "subscribe", process: "c2", place: "t/b" });
    publish(3);
    const ends = operationsOf(history).filter((one) => one[":type"] !== ":invoke");
    expect(ends.map((one) => [one[":type"], one[":value"]])).toEqual([
      [":ok", ["t/a", 1]],
      [":info", ["t/b", 1]],
      [":ok", ["t/a", 3]],
      [":ok", ["t/b", 3]],
    ]);
  });

  test("any text survives", () => {
    const history = new History();
    const odd = 'E_BAD "x" \\ \n\t\b\f\u0001 ünï';
    const row = { atUs: 1.5, process: "p", peer: "n", place: "t", msg: 1, conn: 0 };
    history.record({ ...row, kind: "publish" });
    history.record({ ...row, kind: "publish-error", text: odd });
    history.record({ ...row, kind: "publish", msg: 2 });
    const operations = operationsOf(history);
    expect(operations[1]).toMatchObject({ ":type": ":fail", ":error": odd, ":time": 1_500 });
    expect(operations[3]).toMatchObject({ ":type": ":info", ":error": "the run ended" });
  });
});
