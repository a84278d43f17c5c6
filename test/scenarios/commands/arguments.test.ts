import { describe, expect, test } from "vitest";
import { parseArguments } from "../../../scenarios/commands/arguments.ts";
import { InputError } from "../../../scenarios/commands/command.ts";

const SPEC = { seed: "integer", set: "list", report: "text", json: "flag" } as const;

describe("arguments", () => {
  test("names and options mix; a value follows or is joined by =", () => {
    const { names, options } = parseArguments(["a", "--seed", "7", "--set=x=1", "b", "--set", "y=2", "--json"], SPEC);
    expect(names).toEqual(["a", "b"]);
    expect(options).toEqual({ seed: 7, set: ["x=1", "y=2"], report: null, json: true });
  });

  test("after -- everything is a name", () => {
    expect(parseArguments(["--", "--json"], SPEC)).toMatchObject({ names: ["--json"], options: { json: false } });
  });

  test.each([
    [["--sed", "7"], "unknown option --sed; did you mean --seed?"],
    [["--zzzzzzzz"], "known are --seed, --set, --report, --json"],
    [["-s"], "options begin with --"],
    [["--report"], "--report needs a value"],
    [["--json=1"], "--json takes no value"],
    [["--seed", "-1"], '--seed: "-1" is not a whole number'],
    [["--seed=1e3"], '--seed: "1e3" is not a whole number'],
    [["--toString"], "unknown option --toString"],
  ])("%j is refused", (args, message) => {
    expect(() => parseArguments(args, SPEC)).toThrow(InputError);
    expect(() => parseArguments(args, SPEC)).toThrow(message);
  });
});
