import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { nsqlab } from "./captured-output.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nsqlab-judge-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, ...lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

/** The example of the help, line by line. */
async function example(): Promise<string[]> {
  const { printed } = await nsqlab("help", "judge");
  return printed.split("\n").filter((line) => line.startsWith("  {"));
}

test("the example of the help is read, and keeps its promises", async () => {
  const path = file("example.jsonl", ...(await example()));
  const { code, printed } = await nsqlab("judge", path);
  expect(printed).toContain("published 1: accepted 1");
  expect(printed).toContain("delivered 1, finished 1");
  expect(code).toBe(0);
});

test("a delivery after the FIN is found, whoever recorded it", async () => {
  const lines = await example();
  const again = { ...(JSON.parse(lines[4]!) as object), atUs: 9_000, value: 2 };
  const { code, printed } = await nsqlab("judge", file("again.jsonl", ...lines, JSON.stringify(again)));
  expect(printed).toMatch(/P4 +fail/);
  expect(code).toBe(1);
});

test("a run that was written is judged as it was, and goes on to other tools", async () => {
  const [events, report, edn] = [join(folder, "run.jsonl"), join(folder, "run.html"), join(folder, "run.edn")];
  const run = await nsqlab("run", "S11", "--events", events);
  const outputs = ["--report", report, "--export", `jepsen=${edn}`];
  const judged = await nsqlab("judge", events, "--scenario", "S11", "--simulated", ...outputs);
  expect(verdictLines(judged.printed)).toEqual(verdictLines(run.printed));
  expect(verdictLines(judged.printed).length).toBeGreaterThan(10);
  expect(judged.code).toBe(0);
  expect(readFileSync(report, "utf8")).toMatch(/^<!doctype html>/i);
  expect(readFileSync(edn, "utf8")).toContain(":f :dequeue");
});

test("what cannot be judged is refused", async () => {
  const path = file("bad.jsonl", '{"atUs":0,"kind":"phase","text":"run"}', '{"atUs":1}');
  const cases = [
    [[path], `${path}: line 2, kind: nothing; expected a value`],
    [[], "judge takes one file of events"],
    [["/nowhere.jsonl"], "cannot read /nowhere.jsonl"],
    [[file("other.jsonl", ...(await example())), "--scenario", "S11"], "has no producer web, which the events name"],
  ] as const;
  for (const [args, message] of cases) {
    const { code, remarks } = await nsqlab("judge", ...args);
    expect(remarks).toContain(message);
    expect(code).toBe(2);
  }
});

function verdictLines(text: string): string[] {
  return text.split("\n").filter((line) => /^ {2}(P\d|published|duplicated)/.test(line));
}

test("dead letters are found in what was recorded, and judged without a scenario", async () => {
  const events = join(folder, "letters.jsonl");
  for (const [scenario, outcome] of [
    ["S47a", "fail"],
    ["S47b", "pass"],
  ] as const) {
    await nsqlab("run", scenario, "--events", events);
    const { printed } = await nsqlab("judge", events, "--simulated");
    expect(printed).toMatch(new RegExp(`P15 +${outcome}`));
  }
});
