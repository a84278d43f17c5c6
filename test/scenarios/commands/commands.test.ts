import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Topic } from "../../../core/nsqd/topic.ts";
import { CATALOGUE } from "../../../scenarios/catalogue/index.ts";
import { lateFinFinishesSecondRun as quick } from "../../../scenarios/catalogue/late-fin-finishes-second-run.ts";
import { COMMANDS } from "../../../scenarios/commands/table.ts";
import type { Tally } from "../../../sim/campaign/tally.ts";
import type { Capsule } from "../../../sim/shrink/capsule.ts";
import { BROKER_BUGS } from "../../sim/oracles/broker-bugs.ts";
import { nsqlab } from "./captured-output.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nsqlab-commands-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const resultFile = (name: string): string => join(folder, `${name}.json`);

interface RunsDocument {
  readonly outcome: string;
  readonly runs: { scenario: unknown; hash: string; outcome: string; ledger: { delivered: number } }[];
}

interface CampaignDocument extends RunsDocument {
  readonly fromSeed: number;
  readonly seeds: number;
  readonly unknown: number;
}

describe("nsqlab", () => {
  test("without arguments tells what there is", async () => {
    for (const args of [[], ["help"], ["--help"]]) {
      const { code, printed } = await nsqlab(...args);
      expect(code).toBe(0);
      for (const { name } of COMMANDS) expect(printed).toContain(`  ${name} `);
    }
  });

  test.each(COMMANDS.filter(({ name }) => !["nsqd", "nsqlookupd", "bench"].includes(name)))(
    "$name has help with examples, asked for in both ways",
    async ({ name }) => {
      const asked = await nsqlab("help", name);
      expect(asked).toEqual(await nsqlab(name, "--help"));
      expect(asked).toMatchObject({ code: 0, remarks: "" });
      expect(asked.printed).toMatch(new RegExp(`^nsqlab ${name}[^]*\n  nsqlab .*\\b${name}\\b`));
    },
  );

  test.each([
    [["tuor"], "unknown command tuor; did you mean tour?"],
    [["help", "rn"], "did you mean run?"],
    [["run"], "which scenario?"],
    [["run", "lost-fni"], "no scenario is called lost-fni; did you mean lost-fin?"],
    [["run", "lost-fin", "--reprot=x"], "unknown option --reprot; did you mean --report?"],
    [["run", "./nowhere.json"], "cannot read ./nowhere.json"],
    [["run", "lost-fin", "--export", "jebsen=x"], "--export jebsen: unknown format; did you mean jepsen?"],
    [["run", "lost-fin", "--export", "shiviz"], "--export shiviz: expected shiviz=FILE"],
    [["run", "lost-fin", "--world", "mars"], '--world "mars": expected sim, tcp, host:port'],
    [["run", "lost-fin", "--world", "tcp", "--twice"], "--twice needs --world sim"],
    [["run", "lost-fin", "--set", "durationMs"], "expected path=value"],
    [["replay"], "replay takes one file"],
    [["tour", "lost-fin"], "tour takes no names"],
    [["campaign", "--runs", "0"], "--runs 0 proves nothing"],
    [["campaign", "lost-fin"], "campaign takes no scenario names"],
  ])("%j is bad usage", async (args, message) => {
    const { code, printed, remarks } = await nsqlab(...args);
    expect(remarks).toContain(message);
    expect({ code, printed }).toEqual({ code: 2, printed: "" });
  });
});

describe("nsqlab list", () => {
  test("shows every scenario with its question", async () => {
    const { printed } = await nsqlab("list");
    for (const { name, catalogue } of CATALOGUE) expect(printed).toContain(`${catalogue!.padEnd(4)} ${name} `);
  });

  test("gives a scenario as JSON that can be run", async () => {
    const { printed } = await nsqlab("list", "S11", "--json");
    expect(JSON.parse(printed)).toEqual(quick);
    expect((await nsqlab("run", file("copy.json", printed))).code).toBe(0);
  });
});

describe("nsqlab run", () => {
  test("names every field of a file that is wrong: path, value, what was expected", async () => {
    const path = file("typo.json", {
      ...quick,
      durationMs: -5,
      consumers: [{ ...quick.consumers[0], maxInFligth: 3, nsqd: ["nsqd9"] }],
    });
    const { code, remarks } = await nsqlab("run", path);
    expect(code).toBe(2);
    expect(remarks).toContain(path);
    expect(remarks).toMatch(/durationMs.*-5/);
    expect(remarks).toMatch(/consumers.*maxInFligth.*maxInFlight/);
    expect(remarks).toMatch(/nsqd9.*nsqd1/);
  });

  test("a setting that misspells a field is found", async () => {
    const { code, remarks } = await nsqlab("run", "S11", "--set", "consumers.c1.maxInFligth=3");
    expect(code).toBe(2);
    expect(remarks).toContain("maxInFlight");
  });

  test("a file that is not JSON is refused", async () => {
    const { code, remarks } = await nsqlab("run", file("broken.json", "{"));
    expect(code).toBe(2);
    expect(remarks).toContain("is not JSON");
  });

  test("an expectation that is not met fails, and says which", async () => {
    const { code, printed } = await nsqlab("run", "S11", "--set", "expect.delivered=3");
    expect(code).toBe(1);
    expect(printed).toContain("S11  late-fin-finishes-second-run: FAIL");
    expect(printed).toContain("expect.delivered: expected 3, found 2");
  });

  test("what proves nothing is unknown, never green", async () => {
    const { code, printed } = await nsqlab("run", "S11", "--set", 'oracles=["P21"]', "--set", "expect={}");
    expect(printed).toContain("FAIL");
    expect(code).toBe(1);
    const bare = file("bare.json", { ...quick, oracles: ["P21"], expect: undefined });
    expect((await nsqlab("run", bare)).code).toBe(3);
    expect((await nsqlab("run", bare, "--twice")).code, "two runs prove P21").toBe(0);
  });

  test("--json prints one document and the text goes elsewhere", async () => {
    const { code, printed, remarks } = await nsqlab("run", "S11", "S11", "--json", "--seed", "5");
    expect(code).toBe(0);
    const { outcome, runs } = JSON.parse(printed) as RunsDocument;
    expect(outcome).toBe("pass");
    expect(runs.map((run) => run.ledger.delivered)).toEqual([2, 2]);
    expect(runs[0]!.scenario).toEqual({ ...quick, seed: 5 });
    expect(remarks).toContain("S11  late-fin-finishes-second-run: PASS");
  });

  test("writes the report and the events", async () => {
    const report = join(folder, "out.html");
    const events = join(folder, "out.jsonl");
    expect((await nsqlab("run", "S11", "--report", report, "--events", events)).code).toBe(0);
    expect(readFileSync(report, "utf8")).toMatch(/^<!doctype html>/i);
    const lines = readFileSync(events, "utf8").trimEnd().split("\n");
    expect(JSON.parse(lines[0]!)).toMatchObject({ seq: 0, kind: "phase", text: "run" });
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ seq: lines.length - 1, kind: "phase", text: "end" });
  });

  test("writes what other tools read", async () => {
    const [edn, log] = [join(folder, "out.edn"), join(folder, "out.log")];
    const { code, printed } = await nsqlab("run", "S11", "--export", `jepsen=${edn}`, "--export", `shiviz=${log}`);
    expect(code).toBe(0);
    expect(printed).toContain(`wrote ${log}; in ShiViz its regular expression is (?<host>`);
    expect(readFileSync(edn, "utf8")).toContain(":type :invoke, :f :enqueue");
    expect(readFileSync(log, "utf8")).toMatch(/^nsqd1 \{"nsqd1":1\}\n/);
  });

  test("writes into directories when there are several scenarios", async () => {
    const directory = join(folder, "several", "deep");
    await nsqlab("run", "S11", "S11", "--events", directory, "--export", `shiviz=${directory}`);
    expect(readdirSync(directory).sort()).toEqual([
      "late-fin-finishes-second-run-2.jsonl",
      "late-fin-finishes-second-run-2.log",
      "late-fin-finishes-second-run.jsonl",
      "late-fin-finishes-second-run.log",
    ]);
  });

  test.each([
    ["/dev/full", "no space left on the device (ENOSPC)"],
    ["/nowhere/out.html", "no such directory (ENOENT)"],
    ["/", "it is a directory (EISDIR)"],
  ])("says so when a report cannot be written to %s", async (path, reason) => {
    const { code, remarks } = await nsqlab("run", "S11", "--report", path);
    expect(remarks).toContain(`cannot write ${path}: ${reason}`);
    expect(code).toBe(1);
  });
});

describe("nsqlab replay", () => {
  test("gives the same run again, and notices when it does not", async () => {
    const { printed } = await nsqlab("run", "S11", "--json");
    const same = await nsqlab("replay", file("run.json", printed));
    expect(same.printed).toContain("as recorded: same hash");
    expect(same.code).toBe(0);
    const document = JSON.parse(printed) as RunsDocument;
    document.runs[0]!.hash = "0123456789abcdef";
    const other = await nsqlab("replay", file("other.json", document));
    expect(other.printed).toContain("NOT as recorded: hash was 0123456789abcdef");
    expect(other.code).toBe(1);
  });

  test("takes a scenario as well", async () => {
    expect((await nsqlab("replay", file("scenario.json", quick))).code).toBe(0);
  });
});

describe("nsqlab shrink", () => {
  const lostFin = ["lost-fin", "--set", "expect.duplicates.lost-fin=0"];

  test("makes a capsule that replays exactly, tells its story, and names the fault that decides", async () => {
    const path = join(folder, "capsule.json");
    const made = await nsqlab("shrink", ...lostFin, "--out", path, "--reason", "a FIN that never arrives");
    expect(made.code).toBe(0);
    expect(made.printed).toMatch(/from 1000 messages[^]*to {3}1 message, 1 fault/);
    expect(made.printed).toContain("without faults[0] (cut of c1 and nsqd1) it does not happen");
    const capsule = JSON.parse(readFileSync(path, "utf8")) as Capsule;
    expect(capsule).toMatchObject({ failure: "expect.duplicates.lost-fin more", decisive: [0], smallest: true });
    expect(capsule.story.length).toBeLessThanOrEqual(10);
    const replayed = await nsqlab("replay", path);
    expect(replayed.printed).toContain("as recorded: same hash");
    expect(replayed.printed).toContain("(a FIN that never arrives): fails so still");
    expect(replayed.code).toBe(1);
    expect((await nsqlab("run", path)).code).toBe(1);
    const other = await nsqlab(
      "replay",
      file("other-capsule.json", { ...capsule, hash: "0", versions: { nsqlab: "9" } }),
    );
    expect(other.printed).toMatch(/NOT as recorded: hash was 0\..*\(nsqlab 9; this is nsqlab \d/);
  });

  test("goes on from a capsule of a budget that was too small", async () => {
    const first = await nsqlab("shrink", ...lostFin, "--budget", "1ms");
    const capsule = JSON.parse(first.printed) as Capsule;
    expect(capsule.smallest).toBe(false);
    const second = await nsqlab("shrink", file("unfinished.json", capsule), "--report", join(folder, "small.html"));
    expect(JSON.parse(second.printed)).toMatchObject({ reason: capsule.reason, smallest: true });
    expect(readFileSync(join(folder, "small.html"), "utf8")).toContain("<html");
  });

  test.each([
    [["lost-fin"], "lost-fin does not fail"],
    [[], "shrink takes one scenario"],
    [["lost-fin", "--budget", "soon"], '--budget: "soon" is not a duration'],
    [["lost-fin", "--set", "expect.duplicates.lost-fin=50"], "fewer than expected"],
  ])("%j: %s", async (args, message) => {
    const { code, remarks } = await nsqlab("shrink", ...args);
    expect(code).toBe(2);
    expect(remarks).toContain(message);
  });

  test("a capsule with a field missing is refused by its name", async () => {
    const capsule = { format: "nsqlab-capsule-1", reason: "r", failure: "P2", scenario: quick, versions: {} };
    const { code, remarks } = await nsqlab("replay", file("broken-capsule.json", capsule));
    expect(code).toBe(2);
    expect(remarks).toContain("hash: found nothing, expected text");
  });
});

describe("nsqlab explain", () => {
  test("tells the story, the deciding fault and the likelihood over time", async () => {
    const scenario = ["lost-fin", "--set", "expect.duplicates.lost-fin=0"];
    const { code, printed, remarks } = await nsqlab("explain", ...scenario, "--points", "3", "--reruns", "2", "--json");
    expect(code).toBe(1);
    const document = JSON.parse(printed) as { story: string[]; decisive: number[]; likelihood: { failed: number }[] };
    expect(document).toMatchObject({ failure: "expect.duplicates.lost-fin more", decisive: [0] });
    expect(document.likelihood).toHaveLength(3);
    expect(document.likelihood.at(-1)!.failed).toBe(2);
    expect(remarks).toContain("was lost with its connection");
    expect(remarks).toMatch(/other random choices from an instant on \(2 reruns each\)[^]*█/);
  });

  test("has nothing to say of what does not fail", async () => {
    const { code, remarks } = await nsqlab("explain", "S11");
    expect(code).toBe(2);
    expect(remarks).toContain("does not fail: there is nothing to explain");
  });
});

describe("nsqlab campaign", () => {
  test("judges generated scenarios, each of which can be run by its seed", async () => {
    const { code, printed } = await nsqlab("campaign", "--runs", "4", "--from-seed", "3", "--json");
    const { outcome, fromSeed, seeds, runs, unknown } = JSON.parse(printed) as CampaignDocument;
    expect({ fromSeed, seeds }).toEqual({ fromSeed: 3, seeds: 4 });
    expect(unknown).toBeLessThan(4);
    expect(outcome).toBe(runs.length === 0 ? "pass" : "fail");
    expect(code).toBe(runs.length === 0 ? 0 : 1);
    const failed = runs.map(({ scenario }) => (scenario as { seed: number }).seed);
    const one = JSON.parse((await nsqlab("run", "seed:3", "--json")).printed) as RunsDocument;
    expect(one.runs[0]!.outcome === "fail").toBe(failed.includes(3));
  });

  test("gives the same results on several threads, and in shards that are put together", async () => {
    const whole = await nsqlab("campaign", "--runs", "24", "--out", resultFile("whole"), "--jobs", "1");
    expect(whole.code).toBe(0);
    await nsqlab("campaign", "--runs", "24", "--out", resultFile("threads"), "--jobs", "2");
    const tallyOf = (name: string): Tally =>
      (JSON.parse(readFileSync(resultFile(name), "utf8")) as { campaign: Tally }).campaign;
    expect(tallyOf("threads")).toEqual(tallyOf("whole"));
    for (const shard of ["1", "2"])
      await nsqlab("campaign", "--runs", "24", "--shard", `${shard}/2`, "--out", resultFile(`shard-${shard}`));
    const merged = await nsqlab("campaign", "--merge", resultFile("shard-1"), resultFile("shard-2"), "--json");
    const { covered, ...rest } = (JSON.parse(merged.printed) as { campaign: Tally }).campaign;
    expect({ ...rest, covered: tallyOf("whole").covered }).toEqual(tallyOf("whole"));
    expect(covered).toEqual([
      { from: 1, step: 2, count: 12 },
      { from: 2, step: 2, count: 12 },
    ]);
    const twice = await nsqlab("campaign", "--merge", resultFile("whole"), resultFile("shard-1"));
    expect(twice).toMatchObject({ code: 2, remarks: expect.stringContaining("in more than one of them") });
  });

  test("stops when the time is up, and fails when a situation never came about, if asked to", async () => {
    const { code, printed } = await nsqlab("campaign", "--for", "1ms", "--jobs", "1", "--require-coverage");
    expect(code).toBe(1);
    expect(printed).toMatch(/never: [a-z-]+ \(/);
  });

  test("tells a failing seed on one screen, with what to do next", async () => {
    const remove = BROKER_BUGS.find(({ name }) => name === "REQ loses the message")!.plant();
    try {
      const { code, printed } = await nsqlab("campaign", "--runs", "12", "--reports", join(folder, "reports"));
      expect(code).toBe(1);
      const [, number] = /seed:(\d+): FAIL/.exec(printed) ?? [];
      expect(printed).toContain(`  shrink: nsqlab shrink seed:${number} --out seed-${number}.json`);
      expect(printed).toContain(`  report: ${join(folder, "reports", `random-${number}.html`)}`);
      expect(readdirSync(join(folder, "reports"))).toContain(`random-${number}.html`);
    } finally {
      remove();
    }
  });

  test("keeps a capsule of a run in which nsqlab itself fails, which replays and shrinks", async () => {
    const failing = vi.spyOn(Topic.prototype, "setPaused").mockImplementation(() => {
      throw new Error("out of 17 cheeses");
    });
    try {
      const { code, printed } = await nsqlab("campaign", "--runs", "40", "--reports", join(folder, "broken"));
      expect(code).toBe(1);
      const [, path = ""] = /capsule: (.*\.json)/.exec(printed) ?? [];
      expect(printed).toContain("nsqlab itself failed");
      const replayed = await nsqlab("replay", path);
      expect(replayed).toMatchObject({ code: 1, printed: expect.stringContaining("fails so still") });
      const small = join(folder, "broken.json");
      await nsqlab("shrink", path, "--out", small, "--budget", "20s");
      const capsule = JSON.parse(readFileSync(small, "utf8")) as Capsule;
      expect(capsule).toMatchObject({ failure: "error Error: out of # cheeses", hash: "" });
      expect(capsule.scenario.operations).toHaveLength(1);
      expect(capsule.story.length).toBeLessThanOrEqual(10);
    } finally {
      failing.mockRestore();
    }
  });

  test("runs big worlds, which have words of their own", async () => {
    const { code, printed } = await nsqlab("campaign", "--size", "swarm", "--runs", "1", "--json");
    expect(code).toBe(0);
    expect((JSON.parse(printed) as { campaign: Tally }).campaign.size).toBe("swarm");
    const { printed: listed } = await nsqlab("list", "swarm:1", "--json");
    expect(listed).toContain('"name": "swarm-1"');
    const big = await nsqlab("campaign", "--size", "big");
    expect(big).toMatchObject({ code: 2, remarks: expect.stringContaining("expected small or swarm") });
  });

  test.each([
    [["--shard", "3/2"], "--shard 3/2: expected i/n"],
    [["--jobs", "0"], "--jobs 0: expected 1 to 256"],
    [["--runs", "5", "--for", "1s"], "--runs, --for and --until-covered"],
    [["--until-covered", "--for", "1s"], "--runs, --for and --until-covered"],
    [["--merge"], "--merge: which files?"],
  ])("%j: %s", async (args, message) => {
    expect(await nsqlab("campaign", ...args)).toMatchObject({ code: 2, remarks: expect.stringContaining(message) });
  });
});
