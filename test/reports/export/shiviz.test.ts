import { describe, expect, test } from "vitest";
import { exportShiViz, SHIVIZ_REGEX } from "../../../reports/export/shiviz.ts";
import { findScenario } from "../../../scenarios/catalogue/index.ts";
import { History } from "../../../sim/history.ts";
import { simulate } from "../../../sim/run.ts";

interface Entry {
  readonly host: string;
  readonly clock: Readonly<Record<string, number>>;
  readonly event: string;
}

function entriesOf(history: History): Entry[] {
  const log = exportShiViz(history);
  const entries = [...log.matchAll(new RegExp(SHIVIZ_REGEX, "g"))].map(({ groups }) => ({
    host: groups!["host"]!,
    clock: JSON.parse(groups!["clock"]!) as Record<string, number>,
    event: groups!["event"]!,
  }));
  expect(entries).toHaveLength(log === "" ? 0 : (log.split("\n").length - 1) / 2);
  return entries;
}

function isBefore(one: Entry, other: Entry): boolean {
  return Object.entries(one.clock).every(([host, count]) => count <= (other.clock[host] ?? 0));
}

describe("a log for ShiViz", () => {
  test.each(["lost-fin", "pause-survives-kill", "reconnect-storm-in-backoff"])(
    "%s: clocks are vector clocks",
    (name) => {
      const latest = new Map<string, Entry>();
      for (const entry of entriesOf(simulate(findScenario(name)!, { judge: false }).history)) {
        const { host, clock } = entry;
        const before = latest.get(host);
        // Each host counts its own events, forgets nothing, and knows of others only what has happened.
        if (clock[host] !== (before?.clock[host] ?? 0) + 1)
          expect.fail(`${host} does not count by one: ${entry.event}`);
        if (before !== undefined && !isBefore(before, entry)) expect.fail(`${host} forgets: ${entry.event}`);
        for (const [other, count] of Object.entries(clock)) {
          if (other !== host && count > (latest.get(other)?.clock[other] ?? 0))
            expect.fail(`from the future: ${entry.event}`);
        }
        latest.set(host, entry);
      }
      expect(latest.size).toBeGreaterThan(2);
    },
  );

  test("a message is followed from its publish to its FIN", () => {
    const entries = entriesOf(simulate(findScenario("happy-path")!, { judge: false }).history);
    const chain = ["publish m5", "broker-accept m5", "broker-send m5 orders/billing", "deliver m5 orders/billing"];
    const all = [...chain, "finish m5 orders/billing", "broker-finish m5 orders/billing"];
    const found = all.map((what) => entries.find(({ event }) => event.includes(` ${what}`))!);
    for (let index = 1; index < found.length; index += 1) {
      expect(isBefore(found[index - 1]!, found[index]!), all[index]).toBe(true);
      expect(isBefore(found[index]!, found[index - 1]!), all[index]).toBe(false);
    }
    const accepted = entries.find(({ event }) => event.includes(" publish-ok m5 "))!;
    expect(isBefore(found[1]!, accepted)).toBe(true);
    expect(isBefore(found[3]!, accepted)).toBe(false);
  });

  test("without the broker's inside a delivery follows its publish", () => {
    const history = new History();
    history.record({ atUs: 1, kind: "publish", process: "p", peer: "n", place: "t", msg: 1 });
    history.record({ atUs: 2, kind: "publish", process: "p", peer: "n", place: "t", msg: 2 });
    history.record({ atUs: 3, kind: "deliver", process: "c", peer: "n", place: "t/c", msg: 1, value: 1 });
    history.record({ atUs: 4, kind: "phase", text: "end" });
    expect(entriesOf(history).map(({ host, clock }) => [host, clock])).toEqual([
      ["p", { p: 1 }],
      ["p", { p: 2 }],
      ["c", { c: 1, p: 1 }],
    ]);
    expect(exportShiViz(new History())).toBe("");
  });
});
