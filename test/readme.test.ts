import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderStateDiagram } from "../core/protocol/states.ts";

// Every code block of the README is run: commands in a folder of their own, TypeScript compiled and executed.
//
// A block's first line may name a file: ```json weather.json. Later blocks find it under that name. Blocks import the package
// by its name; here the name means the sources.

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** Inside node_modules, so that the blocks find vitest; ignored by git. Two runs at a time have one each. */
const FOLDER = join(ROOT, `node_modules/.readme-${process.pid}`);
const MAIN = join(ROOT, "scenarios/main.ts");
const README = readFileSync(join(ROOT, "README.md"), "utf8");

const ENTRIES: Readonly<Record<string, string>> = {
  nsqlab: "scenarios/index.ts",
  "nsqlab/client": "core/node/client.ts",
  "nsqlab/server": "core/node/server.ts",
};

interface Block {
  readonly language: string;
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  for (const match of markdown.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)) {
    const line = markdown.slice(0, match.index).split("\n").length;
    const language = match[1]!;
    blocks.push({ language, line, file: match[2] ?? `line${line}.${language}`, text: match[3]! });
  }
  return blocks;
}

const BLOCKS = blocksOf(README);

function blocksIn(language: string): (readonly [where: string, block: Block])[] {
  return BLOCKS.filter((block) => block.language === language).map((block) => [`line ${block.line}`, block]);
}

/** The block with the package's names replaced by the paths of its sources. */
function withSources(text: string): string {
  return text.replaceAll(/from "(nsqlab[/\w]*)"/g, (_, name: string) => {
    const entry = ENTRIES[name];
    if (entry === undefined) throw new Error(`the README imports ${name}, which the package does not export`);
    return `from "../../${entry}"`;
  });
}

beforeAll(() => {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, "package.json"), JSON.stringify({ private: true, type: "module" }));
  for (const block of BLOCKS) writeFileSync(join(FOLDER, block.file), withSources(block.text));
});

afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

test("there are blocks of every kind that is checked here, and no other", () => {
  expect([...new Set(BLOCKS.map((block) => block.language))].toSorted()).toEqual(["json", "mermaid", "sh", "ts"]);
});

describe("TypeScript", () => {
  test("compiles as strictly as the sources", () => {
    const files = blocksIn("ts").map(([, block]) => block.file);
    const config = { extends: "../../tsconfig.json", include: [], files: [...files, "../../core/seedrandom.d.ts"] };
    writeFileSync(join(FOLDER, "tsconfig.json"), JSON.stringify(config));
    const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
    const { stdout, status } = spawnSync(process.execPath, [tsc, "-p", FOLDER], { encoding: "utf8" });
    expect(stdout).toBe("");
    expect(status).toBe(0);
  });

  test.each(blocksIn("ts"))("%s runs", (_, block) => {
    if (block.file.endsWith(".test.ts")) runVitest(block.file);
    else execFileSync(process.execPath, ["--import", "tsx", block.file], { cwd: FOLDER, encoding: "utf8" });
  });
});

function runVitest(file: string): void {
  const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
  // The outer run's environment would make the inner one a worker of it.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST")));
  const done = spawnSync(process.execPath, [vitest, "run", "--root", FOLDER, file], { encoding: "utf8", env });
  expect(done.status, done.stdout + done.stderr).toBe(0);
  expect(done.stdout).toMatch(/Tests .*\d+ passed/);
}

describe("commands", () => {
  const commands = blocksIn("sh").flatMap(([where, block]) =>
    block.text
      .split("\n")
      .map((line) => line.replace(/\s+#.*$/, "").trim())
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => [`${where}: ${line}`, line] as const),
  );

  test.each(commands)("%s", async (_, line) => {
    for (const command of line.split("&&")) await runCommand(command.trim());
  });
});

async function runCommand(command: string): Promise<void> {
  const [program, ...args] = command.split(/\s+/);
  if (program === "npm") checkNpm(args);
  else if (program === "npx" && args[0] === "nsqlab" && args[1] === "nsqd") await serve(args.slice(1));
  else if (program === "npx" && args[0] === "nsqlab") runNsqlab(args.slice(1));
  else throw new Error(`the README uses ${program}, which this test cannot run`);
}

/** Installing and the long-running scripts are run by CI; here they must exist. */
function checkNpm(args: readonly string[]): void {
  if (args[0] === "ci" || args[0] === "install") return;
  const name = args[0] === "run" ? args[1]! : args[0]!;
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  expect(Object.keys(scripts)).toContain(name);
}

function runNsqlab(args: readonly string[]): void {
  const whole = [...args];
  // A bench takes minutes, and conform needs another broker: their help is shown. CI has a longer campaign of its own.
  if (args[0] === "bench" || args[0] === "conform") whole.push("--help");
  if (args[0] === "campaign") whole.push("--runs=10");
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", MAIN, ...whole], {
    cwd: FOLDER,
    encoding: "utf8",
  });
  expect(status, stderr + stdout).toBe(0);
}

/** Starts it on free ports, waits until it says that it listens, and stops it. */
async function serve(args: readonly string[]): Promise<void> {
  const free = args.map((word) => word.replace(/:415\d$/, ":0"));
  const child = spawn(process.execPath, ["--import", "tsx", MAIN, ...free], { cwd: FOLDER });
  let log = "";
  let stopping = false;
  const code = await new Promise<number | null>((resolve) => {
    const heard = (chunk: Buffer): void => {
      log += chunk.toString("utf8");
      if (stopping || !/listening/i.test(log)) return;
      stopping = true;
      child.kill("SIGTERM");
    };
    child.stdout.on("data", heard);
    child.stderr.on("data", heard);
    child.on("close", resolve);
  });
  expect(code, log).toBe(0);
}

describe("what the README shows", () => {
  test.each(blocksIn("json"))("%s is a scenario that runs as expected", (_, block) => {
    runNsqlab(["run", block.file]);
  });

  test("the state diagram is the one the broker's table gives", () => {
    const shown = blocksIn("mermaid").map(([, block]) => block.text);
    expect(shown).toContain(renderStateDiagram());
  });

  test("the pictures exist", () => {
    const pictures = [...README.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map((match) => match[1]!);
    expect(pictures.length).toBeGreaterThan(0);
    expect(pictures.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  test("links inside the repository lead somewhere", () => {
    const links = [...README.matchAll(/[^!]\[[^\]]*\]\((?!https?:)([^)#]+)/g)].map((match) => match[1]!);
    expect(links.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});
