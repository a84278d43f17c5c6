import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runStep } from "./step.ts";

const folder = mkdtempSync(join(tmpdir(), "nsqlab-step-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ["the last counts of the output are its result", 'console.log("1 passed, 0 failed\\n7 passed, 0 failed")', 7, 0],
  ["failures are counted", 'console.log("7 passed, 2 failed"); process.exitCode = 1', 7, 2],
  ["a failure that was not counted is one", 'console.log("7 passed, 0 failed"); process.exitCode = 1', 7, 1],
  ["a program without counts is one check", 'console.log("fine")', 1, 0],
  ["or one failure", "process.exitCode = 3", 0, 1],
  ["a signal is a failure", 'process.kill(process.pid, "SIGKILL")', 0, 1],
])("%s", async (name, program, passed, failed) => {
  const path = join(folder, "program.mjs");
  writeFileSync(path, program);
  expect(await runStep(name, [path])).toEqual({ passed, failed });
});
