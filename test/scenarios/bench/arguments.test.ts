import { describe, expect, test } from "vitest";
import { BenchUsageError, parseBenchArguments } from "../../../scenarios/bench/arguments.ts";

const KNOWN = ["mpub", "pub", "latency"];
const parse = (...argv: string[]) => parseBenchArguments(argv, KNOWN);

function complaint(...argv: string[]): string {
  try {
    parse(...argv);
  } catch (error) {
    expect(error).toBeInstanceOf(BenchUsageError);
    return (error as Error).message;
  }
  throw new Error(`accepted ${argv.join(" ")}`);
}

describe("the command line of bench", () => {
  test("defaults: every benchmark, five runs, no peer", () => {
    expect(parse()).toEqual({ names: [], json: false, runs: 5, peer: null, help: false });
  });

  test("names, runs, peer and JSON", () => {
    expect(parse("pub", "--runs", "9", "--peer", `nsqd=${process.execPath}`, "--json")).toEqual({
      names: ["pub"],
      json: true,
      runs: 9,
      peer: process.execPath,
      help: false,
    });
  });

  test("what is wrong is named, with what is accepted", () => {
    expect(complaint("mpubb")).toMatch(/no benchmark "mpubb".*did you mean "mpub".*mpub, pub, latency/);
    expect(complaint("--runs", "0")).toContain("--runs 0: expected an integer from 1 to 1000");
    expect(complaint("--runs", "x")).toContain("--runs x");
    expect(complaint("--peer", "/usr/bin/nsqd")).toContain("expected nsqd=PATH of an executable, or echo");
    expect(complaint("--peer", "nsqd=/nowhere/nsqd")).toContain("there is no file /nowhere/nsqd");
    expect(complaint("--what")).toContain("--what");
  });
});
