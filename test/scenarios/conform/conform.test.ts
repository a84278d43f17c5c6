import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readConversations, recordingsFolder } from "../../../scenarios/conform/recordings.ts";
import { bundleDaemon } from "../../daemon.ts";
import { nsqlab } from "../commands/captured-output.ts";

let folder = "";
let ours = "";

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "nsqlab-conform-"));
  ours = `'${process.execPath}' '${bundleDaemon(folder)}'`;
});
afterAll(() => rmSync(folder, { recursive: true }));

test("every recording has a folder, a rule and known tags", () => {
  const conversations = [...readConversations(recordingsFolder()).values()];
  expect(conversations.length).toBeGreaterThan(280);
  for (const { folder: room, rule, tags } of conversations) {
    expect(["http", "lookupd", "persistence", "protocol", "security", "semantics"]).toContain(room);
    expect(rule).toMatch(/^\S.{8,}\S$/);
    for (const tag of tags) expect(["slow", "flaw", "files", "topology"]).toContain(tag);
  }
});

describe("nsqlab conform", () => {
  test("a daemon that passes", async () => {
    const { code, printed, remarks } = await nsqlab("conform", "--nsqd", ours, "--only", "http/pub-topic");
    expect(printed).toContain("http: 1 of 1 rules hold\n\n1 passed, 0 failed");
    expect(remarks).toBe("");
    expect(code).toBe(0);
  });

  test("rules that hold are listed on request, and what needs another daemon is left out", async () => {
    const { code, printed, remarks } = await nsqlab("conform", "--nsqd", ours, "--only", "/ping", "--rules");
    expect(printed).toMatch(/\n {2}ok {3}ping: .+\.\n/);
    expect(remarks).toMatch(/^\d+ left out: they need the daemon that was not given$/);
    expect(code).toBe(0);
  });

  test("a daemon that does not: the rule, the step, what was expected and what came", async () => {
    const broken = `'${process.execPath}' -e 'setTimeout(process.exit)' --`;
    const { code, printed } = await nsqlab("conform", "--nsqd", broken, "--only", "http/not-found");
    expect(printed).toMatch(/http: 0 of 1 rules hold\n {2}FAIL not-found: .+\.\n {7}at {7}/);
    expect(printed).toContain("       expected nsqd answering /ping\n       received exit 0\n");
    expect(printed).toContain("\n0 passed, 1 failed");
    expect(code).toBe(1);
  });

  test("one JSON document", async () => {
    const { printed } = await nsqlab("conform", "--nsqd", ours, "--only", "http/head-and-options", "--json");
    expect(JSON.parse(printed)).toMatchObject({
      passed: 1,
      failed: 0,
      leftOut: 0,
      rules: [{ id: "http/head-and-options", folder: "http", ok: true }],
    });
  });

  test.each([
    [[], "conform: which --nsqd?"],
    [["--nsqd", "x", "--only", "nothing like this"], "conform: no conversation is left to play"],
    [["--nsqd", "x", "--jobs", "0"], "--jobs: at least 1"],
    [["nsqd"], "conform takes no names, but has nsqd"],
  ])("%j", async (args, text) => {
    const { code, remarks } = await nsqlab("conform", ...args);
    expect(remarks).toContain(text);
    expect(code).toBe(2);
  });
});
