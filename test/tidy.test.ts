import { existsSync, readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

// What the linter cannot say. Every check names the offender, so that the fix is obvious from the failure.

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const ROOMS = ["core", "sim", "reports", "scenarios", "test"];
/** Made by tools, kept out of the repository. */
const MADE = [".git", "node_modules", "dist", "coverage", "nsqlab-report"];

const LINES_PER_FILE = 450;
/** A table of cases may go on. */
const LINES_PER_TEST = 600;
const MEDIAN_LINES = 200;

const sources = ROOMS.flatMap((room) =>
  readdirSync(join(ROOT, room), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => join(room, path)),
);
const texts = new Map(sources.map((path) => [path, readFileSync(join(ROOT, path), "utf8")]));

function lines(text: string): number {
  return text.split("\n").length - 1;
}

/** `path:line  text` of every line that matches. */
function hits(pattern: RegExp, except: (path: string) => boolean = () => false): string[] {
  const found: string[] = [];
  for (const [path, text] of texts) {
    if (except(path)) continue;
    for (const [index, line] of text.split("\n").entries())
      if (pattern.test(line)) found.push(`${path}:${index + 1}  ${line.trim()}`);
  }
  return found;
}

const isThisFile = (path: string): boolean => path === "test/tidy.test.ts";

function limitOf(path: string): number {
  return path.startsWith("test/") ? LINES_PER_TEST : LINES_PER_FILE;
}

function mayReadClocks(path: string): boolean {
  return !/^(core|sim)\//.test(path) || path.startsWith("core/node/");
}

describe("files", () => {
  test("have one idea: none is longer than a reader's patience", () => {
    const long = [...texts].filter(([path, text]) => lines(text) > limitOf(path));
    expect(long.map(([path, text]) => `${path}: ${lines(text)} lines`)).toEqual([]);
    const lengths = [...texts.values()].map(lines).sort((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(MEDIAN_LINES);
  });

  test("of the rooms are named in lower case, with hyphens", () => {
    expect(sources.filter((path) => !/^[a-z0-9./-]+$/.test(path))).toEqual([]);
  });

  test("outside the rooms are few", () => {
    const folders = readdirSync(ROOT, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map((entry) => entry.name).filter((name) => ![...ROOMS, ".ci", ...MADE].includes(name))).toEqual([]);
  });

  test("of tests mirror the tree", () => {
    const folders = new Set(sources.map((path) => path.slice(0, path.lastIndexOf("/"))));
    const strays = [...folders].filter((folder) => {
      const [, room] = folder.split("/");
      if (!folder.startsWith("test/") || room === undefined || !ROOMS.includes(room)) return false;
      // The naive models live beside the tests that use them.
      return !folders.has(folder.slice("test/".length)) && folder !== "test/core/reference";
    });
    expect(strays).toEqual([]);
  });
});

describe("words", () => {
  test("no work left lying about", () => {
    expect(hits(/\b(TODO|FIXME|XXX|HACK)\b/, isThisFile)).toEqual([]);
  });

  test("no path of one machine, no address that is not loopback or an example", () => {
    expect(hits(/["'`( ](\/work\/|\/home\/|\/root\/|\/Users\/)/, isThisFile)).toEqual([]);
    // A name without a dot is an example's.
    expect(hits(/https?:\/\/(?!127\.0\.0\.1|\$\{|"|\[|[a-z0-9-]+[:/]|www\.w3\.org\/|nsq\.io)/, isThisFile)).toEqual([]);
  });

  test("no test is switched off or preferred", () => {
    expect(hits(/\b(test|describe|it)\.(only|todo|fails)\b/, isThisFile)).toEqual([]);
  });

  test("the linter is silenced only with a reason", () => {
    expect(hits(/oxlint-disable(?!.*-- )|eslint-disable|@ts-ignore|@ts-nocheck/, isThisFile)).toEqual([]);
  });
});

describe("core and simulator", () => {
  test("read no clock and draw no numbers but through the host", () => {
    const banned = /\b(Date\.now|performance\.now|process\.hrtime|Math\.random|setTimeout\(|setImmediate\()/;
    expect(hits(banned, mayReadClocks)).toEqual([]);
  });
});

describe("oracles", () => {
  const oracles = sources.filter((path) => /^sim\/oracles\/p\d\d-[a-z-]+\.ts$/.test(path));

  test("are one file per property", () => {
    expect(oracles.length).toBeGreaterThan(0);
  });

  test.each(oracles)("%s says what it claims, sees, allows and cannot see", (path) => {
    const comments = texts.get(path)!.match(/\/\*\*[\s\S]*?\*\//g) ?? [];
    const header = comments.find((comment) => /blind/i.test(comment)) ?? "";
    expect(lines(header), "the comment that says what it is blind to").toBeGreaterThanOrEqual(3);
  });
});

describe("the package", () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Record<
    string,
    Record<string, string>
  >;

  test("pins every dependency exactly", () => {
    const ranges = { ...manifest["dependencies"], ...manifest["devDependencies"] };
    expect(Object.entries(ranges).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  const lock = readFileSync(join(ROOT, "package-lock.json"), "utf8");

  test("has a lock file that names no registry", () => {
    expect(lock).not.toMatch(/"resolved":/);
    expect(existsSync(join(ROOT, ".npmrc"))).toBe(false);
  });

  test("has a lock file for every platform: npm ci refuses one that leaves optional packages out", () => {
    const { packages } = JSON.parse(lock) as {
      readonly packages: Readonly<Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>>;
    };
    const known = new Set(Object.keys(packages).map((path) => path.slice(path.lastIndexOf("node_modules/") + 13)));
    const wanted = Object.values(packages).flatMap((one) => Object.keys(one.optionalDependencies ?? {}));
    expect(wanted.filter((name) => !known.has(name))).toEqual([]);
  });
});
