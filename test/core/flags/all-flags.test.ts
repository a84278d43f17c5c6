import { existsSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { Flag } from "../../../core/flags/flag.ts";
import type { FlagValue } from "../../../core/flags/parse.ts";
import { helpText } from "../../../core/node/help.ts";
import { machineDefaults } from "../../../core/node/defaults.ts";
import { parseArguments } from "../../../core/nsqd/arguments.ts";
import { parseGoDuration } from "../../../core/nsqd/duration.ts";
import { FLAGS } from "../../../core/nsqd/flags.ts";
import { LOOKUPD_FLAGS } from "../../../core/nsqlookupd/flags.ts";
import { DEFAULT_LOOKUPD_OPTIONS } from "../../../core/nsqlookupd/options.ts";

interface Listed {
  readonly program: "nsqd" | "nsqlookupd";
  readonly name: string;
  readonly type: string;
  readonly default: FlagValue;
}

interface ListedProgram {
  readonly flags: readonly Flag[];
  readonly defaults: Readonly<Record<string, unknown>>;
}

const file = path.join(import.meta.dirname, "flags.json");
const listed = JSON.parse(readFileSync(file, "utf8")) as Listed[];
const original = path.resolve(import.meta.dirname, "../../../../shared/spec/flags.json");

const PROGRAMS: Readonly<Record<Listed["program"], ListedProgram>> = {
  nsqd: { flags: FLAGS, defaults: { ...machineDefaults() } },
  nsqlookupd: {
    flags: LOOKUPD_FLAGS,
    defaults: { ...DEFAULT_LOOKUPD_OPTIONS, broadcastAddress: os.hostname() },
  },
};

/** Flags that are no option: what the program does with them is tested where it does so. */
const SPECIAL = ["config", "version", "verbose", "worker-id"];
const OURS = ["profile", "log-format"];

/** A default in the list, as our options have it. */
function expectedDefault({ name, type, default: value }: Listed): unknown {
  if (type === "duration") return parseGoDuration(String(value));
  if (value === "OS hostname") return os.hostname();
  if (name === "node-id") return machineDefaults().nodeId;
  return name === "tls-required" ? String(value) : value;
}

test("there are 67 of them", () => {
  expect(listed.length).toBe(67);
});

test.skipIf(!existsSync(original))("the list is that of the specification", () => {
  const rows = (JSON.parse(readFileSync(original, "utf8")) as (Listed & { program: string })[])
    .filter(({ program }) => program in PROGRAMS)
    .map(({ program, name, type, default: value }) => ({ program, name, type, default: value }));
  expect(listed).toEqual(rows);
});

describe.each(["nsqd", "nsqlookupd"] as const)("%s", (program) => {
  const { flags, defaults } = PROGRAMS[program];
  const rows = listed.filter((row) => row.program === program);

  test("has all its flags, and none of ours but two", () => {
    const known = [...flags.map(({ name }) => name), ...SPECIAL];
    expect(rows.map(({ name }) => name).filter((name) => !known.includes(name))).toEqual([]);
    const names = rows.map(({ name }) => name);
    const added = flags.map(({ name }) => name).filter((name) => !names.includes(name));
    expect(added).toEqual(OURS.filter((name) => added.includes(name)));
  });

  test.each(rows.filter(({ name }) => !SPECIAL.includes(name)))("--$name", (row) => {
    const flag = flags.find(({ name }) => name === row.name);
    expect(flag).toBeDefined();
    expect(defaults[flag!.key]).toEqual(expectedDefault(row));
    const kinds = { enum: "string", "list<enum": "list<string>" };
    const kind = row.type.replace(/\(.*$/, "");
    expect(flag!.type).toBe(kind in kinds ? kinds[kind as keyof typeof kinds] : row.type);
  });

  test("tells of them in its help", () => {
    const help = helpText("", flags, defaults);
    for (const { name } of rows) {
      if (name === "verbose" || name === "worker-id") continue;
      expect(help, name).toMatch(new RegExp(`^ +--${name}( |$)`, "m"));
    }
  });

  test("takes the flags that do nothing", () => {
    const args = rows.some(({ name }) => name === "worker-id") ? ["--verbose", "--worker-id"] : ["--verbose"];
    expect(parseArguments(args, flags)).toMatchObject({ flags: {}, wantsVersion: false, config: null });
  });
});
