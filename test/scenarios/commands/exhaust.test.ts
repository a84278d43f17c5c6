import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Capsule } from "../../../sim/shrink/capsule.ts";
import { RACE_BUGS } from "../../sim/exhaust/bugs.ts";
import { nsqlab } from "./captured-output.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nsqlab-exhaust-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const WORLD = "fin-races-the-timeout";

describe("nsqlab exhaust", () => {
  test("says what was seen, and that it was all", async () => {
    const { code, printed } = await nsqlab("exhaust", WORLD, "--set", "exhaust.holds=1");
    expect(code).toBe(0);
    expect(printed).toContain(`${WORLD}: PASS`);
    expect(printed).toContain("every run: 4 histories, each judged");
    expect(printed).toContain("every move leads to a state that was seen");
    expect(printed).toContain("a message came twice: timeout in 3");
    expect(printed).toContain("every message was finished");
  });

  test("proves nothing when it is stopped early", async () => {
    const { code, printed } = await nsqlab("exhaust", WORLD, "--max-states", "40");
    expect(code).toBe(3);
    expect(printed).toContain(`${WORLD}: UNKNOWN`);
    expect(printed).toMatch(/NOT every run, every one with less weather than \d; /);
  });

  test("gives one document, the same every time but for the time it took", async () => {
    const runs = [0, 1].map(() => nsqlab("exhaust", WORLD, "--set", "exhaust.holds=1", "--json"));
    const [one, other] = (await Promise.all(runs)).map(({ printed }) => JSON.parse(printed) as Record<string, any>);
    const [world] = one!["worlds"];
    expect(one).toMatchObject({ format: "nsqlab-exhaust-1", outcome: "pass" });
    expect(world).toMatchObject({ exhausted: true, histories: 4, historiesByWeather: [1, 3], capsule: null });
    delete world.wallMs;
    delete other!["worlds"][0].wallMs;
    expect(one).toEqual(other);
  });

  test("keeps the smallest counterexample as a capsule that replays, and shrinks", async () => {
    const capsule = join(folder, "twice.json");
    const never = ["--set", "expect.duplicates.timeout=0"];
    const { code, printed } = await nsqlab("exhaust", WORLD, ...never, "--out", capsule);
    expect(code).toBe(1);
    expect(printed).toContain("the smallest counterexample, weather 1, 9 moves: expect.duplicates.timeout is 1");
    expect(printed).toMatch(/! \d\.\d00 s {2}time goes on to .*; not yet: /);
    const { scenario, failure } = JSON.parse(readFileSync(capsule, "utf8")) as Capsule;
    expect(failure).toBe("expect.duplicates.timeout more");
    expect(scenario.exhaust?.schedule).toContain("time");
    const replay = await nsqlab("replay", capsule);
    expect(replay.printed).toContain("as recorded: same hash");
    expect(replay.printed).toContain("fails so still");
    const shrunk = await nsqlab("shrink", capsule, "--out", join(folder, "smaller.json"), "--budget", "1s");
    expect(shrunk.code).toBe(0);
  });

  test("takes a program that throws for a failure", async () => {
    const bug = RACE_BUGS.find(({ failure }) => failure === "error")!;
    const remove = bug.plant();
    try {
      const { code, printed } = await nsqlab("exhaust", bug.world, "--out", join(folder, "error.json"));
      expect(code).toBe(1);
      expect(printed).toContain("fails: error in 3");
      expect(printed).toContain("nsqd1 throws Error: this is not its owner");
    } finally {
      remove();
    }
  });

  test.each([
    [["exhaust", "lost-fin"], "lost-fin: exhaust: found nothing, expected an object that says what is left open"],
    [["exhaust", "crash-of-nsqb"], "did you mean crash-of-nsqd?"],
    [["exhaust", WORLD, "--max-states", "0"], "--max-states 0 shows nothing; expected at least 1"],
    [["exhaust", "--out", "x.json"], "--out is for the capsule of one world"],
    [["exhaust", WORLD, "--set", "exhaust.holds=99"], "exhaust.holds: found 99, expected an integer from 0 to 20"],
    [["run", WORLD, "--world", "tcp"], "exhaust: in real time nobody chooses what happens next"],
  ])("%j is bad usage", async (args, message) => {
    const { code, printed, remarks } = await nsqlab(...args);
    expect(remarks).toContain(message);
    expect({ code, printed }).toEqual({ code: 2, printed: "" });
  });
});
