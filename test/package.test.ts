import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// The package as its users get it: packed, installed into projects of their own, imported, type-checked, run.

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");

const HAPPY = `
const scenario = {
  name: "three-messages",
  question: "Do three messages arrive?",
  seed: 1,
  durationMs: 1000,
  recoveryMs: 10000,
  nsqd: [{ name: "nsqd1" }],
  producers: [{ name: "producer1", nsqd: ["nsqd1"], workload: [{ topic: "orders", startMs: 100, count: 3, everyMs: 10 }] }],
  consumers: [{ name: "consumer1", nsqd: ["nsqd1"], topic: "orders", channel: "billing" }],
};
`;

let folder = "";

function run(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nsqlab-package-"));
  const project = join(folder, "project");
  mkdirSync(project);
  const packed = JSON.parse(
    run("npm", ["pack", "--json", "--pack-destination", folder], ROOT).replace(/^[^[{]*/, ""),
  ) as {
    readonly filename: string;
  }[];
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "user", private: true, type: "module" }));
  run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", join(folder, packed[0]!.filename)], project);
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a JavaScript module inside the user's project. */
function script(name: string, text: string): string {
  const path = join(folder, "project", name);
  writeFileSync(path, text);
  return run(process.execPath, [path], join(folder, "project"));
}

describe("the packed package", () => {
  test("holds what runs and nothing else", () => {
    const installed = join(folder, "project/node_modules/nsqlab");
    const files = readdirSync(installed, { recursive: true, encoding: "utf8" });
    const strays = files.filter((path) => path.startsWith("test") || (path.endsWith(".ts") && !path.endsWith(".d.ts")));
    expect(strays).toEqual([]);
    expect(files).toContain("dist/reports/report-browser.js");
    const bin = readFileSync(join(installed, "scenarios/nsqlab.js"), "utf8");
    expect(bin.startsWith("#!/usr/bin/env node\n")).toBe(true);
  });

  test("simulates from plain JavaScript", () => {
    const output = script(
      "simulate.mjs",
      `import { simulate, atLeastOnce, generateScenario, scenarioArbitrary } from "nsqlab";
       ${HAPPY}
       const run = simulate(scenario);
       atLeastOnce()(run);
       console.log(run.outcome, run.ledger.delivered, typeof scenarioArbitrary, generateScenario(1).name);`,
    );
    expect(output.trim()).toBe("pass 3 function random-1");
  });

  test("serves and speaks NSQ", () => {
    const output = script(
      "serve.mjs",
      `import { startServer } from "nsqlab/server";
       import * as client from "nsqlab/client";
       const server = await startServer();
       const answer = await fetch("http://" + server.httpAddress + "/ping");
       console.log(await answer.text(), Object.keys(client).length > 0);
       await server.close();`,
    );
    expect(output.trim()).toBe("OK true");
  });

  test("has a command that runs a scenario and writes its report", () => {
    const project = join(folder, "project");
    writeFileSync(
      join(project, "scenario.json"),
      script("print.mjs", `${HAPPY} console.log(JSON.stringify(scenario));`),
    );
    const bin = join(project, "node_modules/.bin/nsqlab");
    const done = spawnSync(bin, ["run", "scenario.json", "--report", "report.html", "--json"], {
      cwd: project,
      encoding: "utf8",
    });
    expect(done.stderr + done.stdout).toContain("three-messages");
    expect(done.status).toBe(0);
    expect(readFileSync(join(project, "report.html"), "utf8")).toContain("three-messages");
  });

  test.each([
    ["with skipLibCheck", { skipLibCheck: true }],
    ["with every declaration checked", { skipLibCheck: false }],
  ])("type-checks in a strict TypeScript project, %s", (_, options) => {
    const project = join(folder, "project");
    writeFileSync(
      join(project, "user.ts"),
      `import { simulate, atLeastOnce, validateScenario, type Run, type Scenario } from "nsqlab";
       import * as client from "nsqlab/client";
       import { startServer } from "nsqlab/server";
       const scenario: Scenario = validateScenario({});
       const run: Run = simulate(scenario);
       export const held: true = atLeastOnce()(run);
       export const address: Promise<string> = startServer().then((server) => server.tcpAddress);
       export type Client = typeof client;
       // @ts-expect-error a seed is a number
       export const wrong: Scenario = { ...scenario, seed: "1" };`,
    );
    writeFileSync(
      join(project, "tsconfig.json"),
      JSON.stringify({
        compilerOptions: {
          target: "es2023",
          module: "nodenext",
          strict: true,
          exactOptionalPropertyTypes: true,
          noEmit: true,
          types: [],
          ...options,
        },
        files: ["user.ts"],
      }),
    );
    const checked = spawnSync(process.execPath, [TSC, "-p", project], { encoding: "utf8" });
    expect(checked.stdout).toBe("");
    expect(checked.status).toBe(0);
  });
});

test("in a checkout the command runs the sources, from any folder", () => {
  const command = join(ROOT, "scenarios/nsqlab.js");
  const { status, stdout } = spawnSync(command, ["list"], { cwd: tmpdir(), encoding: "utf8" });
  expect(stdout).toContain("lost-fin");
  expect(status).toBe(0);
});
