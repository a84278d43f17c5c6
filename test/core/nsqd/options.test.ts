import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseArguments } from "../../../core/nsqd/arguments.ts";
import { formatGoDuration, parseGoDuration } from "../../../core/nsqd/duration.ts";
import { FLAGS } from "../../../core/nsqd/flags.ts";
import { DEFAULT_OPTIONS, type FlagValue, OptionError, parseNsqdOptions } from "../../../core/nsqd/options.ts";

function refusal(flags: Record<string, FlagValue>): OptionError {
  try {
    parseNsqdOptions(flags);
  } catch (error) {
    if (error instanceof OptionError) return error;
    throw error;
  }
  throw new Error("the flags were taken");
}

function argumentsRefusal(args: string[]): OptionError {
  try {
    parseArguments(args);
  } catch (error) {
    if (error instanceof OptionError) return error;
    throw error;
  }
  throw new Error("the arguments were taken");
}

describe("durations", () => {
  test.each([
    ["0", 0],
    ["0s", 0],
    ["-0", 0],
    ["250ms", 250_000],
    ["1m30s", 90_000_000],
    ["1h0m1.5s", 3_601_500_000],
    [".5s", 500_000],
    ["1.s", 1_000_000],
    ["-1s", -1_000_000],
    ["+2us", 2],
    ["3µs", 3],
    ["1500ns", 2],
  ])("%s is %i µs", (text, micros) => {
    expect(parseGoDuration(text)).toBe(micros);
  });

  test.each(["", "5", "5 s", "s", ".", ".s", "1m30", "1d", "--1s", "1e3s", " 1s", "9999999h9999999h"])(
    "%j is none",
    (text) => {
      expect(parseGoDuration(text)).toBeNull();
    },
  );

  test.each([
    [0, "0s"],
    [1, "1µs"],
    [1500, "1.5ms"],
    [250_000, "250ms"],
    [60_000_000, "1m0s"],
    [3_601_500_000, "1h0m1.5s"],
    [-1_000_000, "-1s"],
  ])("%i µs prints as %s", (micros, text) => {
    expect(formatGoDuration(micros)).toBe(text);
  });

  test("what is printed is read back", () => {
    const property = fc.property(fc.integer({ min: -(2 ** 45), max: 2 ** 45 }), (micros) => {
      expect(parseGoDuration(formatGoDuration(micros))).toBe(micros);
    });
    fc.assert(property);
  });
});

describe("flags", () => {
  test("none: nsqd's defaults", () => {
    expect(parseNsqdOptions({})).toEqual(DEFAULT_OPTIONS);
  });

  test("every default is taken as a value, so nothing is refused that is on already", () => {
    for (const { name, key, type } of FLAGS) {
      const value = DEFAULT_OPTIONS[key];
      const given = type === "duration" ? formatGoDuration(Number(value)) : (value as FlagValue);
      expect(parseNsqdOptions({ [name]: given }), name).toEqual(DEFAULT_OPTIONS);
    }
  });

  test("values are read by their type", () => {
    const options = parseNsqdOptions({
      "mem-queue-size": 5,
      "max-rdy-count": "0x10",
      "msg-timeout": "1m30s",
      deflate: "F",
      snappy: false,
      profile: "nsqd-1.3",
      "log-level": "debug",
    });
    expect(options).toEqual({
      ...DEFAULT_OPTIONS,
      memQueueSize: 5,
      maxRdyCount: 16,
      msgTimeout: 90_000_000,
      deflate: false,
      snappy: false,
      profile: "nsqd-1.3",
      logLevel: "debug",
    });
  });

  test.each<[Record<string, FlagValue>, unknown, string]>([
    [{ "max-rdy-count": "many" }, "many", "an integer"],
    [{ "max-rdy-count": 1.5 }, 1.5, "an integer"],
    [{ "mem-queue-size": -1 }, -1, "at least 0"],
    [{ "msg-timeout": "5" }, "5", "a duration with a unit, such as 250ms or 1m30s"],
    [{ "msg-timeout": 5 }, 5, "a duration with a unit, such as 250ms or 1m30s"],
    [{ "output-buffer-timeout": "0" }, "0", "at least 1µs"],
    [{ deflate: "perhaps" }, "perhaps", "true or false"],
    [{ profile: "nsqd" }, "nsqd", 'one of "exact", "nsqd-1.3"'],
    [{ "node-id": [1, 2] }, [1, 2], "an integer"],
  ])("%j is refused with its value and what was expected", (flags, value, expected) => {
    const error = refusal(flags);
    expect(error).toMatchObject({ flag: Object.keys(flags)[0], value, expected, refusedAtStart: false });
    expect(error.message).toContain(`--${error.flag}`);
  });

  test("an unknown flag names the nearest one", () => {
    expect(refusal({ "mem-queue-sizes": 1 })).toMatchObject({
      flag: "mem-queue-sizes",
      expected: "did you mean --mem-queue-size?",
    });
    expect(refusal({ "no-such-flag-at-all-anywhere": 1 }).expected).toBe("one of the flags that --help lists");
  });

  test.each<[Record<string, FlagValue>, string]>([
    [{ "node-id": 1024 }, "--node-id must be [0,1024)"],
    [{ "node-id": -1 }, "--node-id must be [0,1024)"],
    [{ "max-deflate-level": 10 }, "--max-deflate-level must be [1,9]"],
    [{ "tls-required": true }, "cannot require TLS client connections without TLS key and cert"],
    [{ "auth-http-request-method": "put" }, "--auth-http-request-method must be post or get"],
    [{ "e2e-processing-latency-percentile": "0.5,1.5" }, "invalid E2E processing latency percentile: 1.5"],
  ])("%j is refused at the start in nsqd's words", (flags, message) => {
    expect(refusal(flags)).toMatchObject({ message, refusedAtStart: true });
  });
});

describe("arguments", () => {
  test("one dash or two, the value behind = or a blank, a bool alone", () => {
    const { flags } = parseArguments(["-max-rdy-count=5", "--msg-timeout", "1m30s", "--snappy", "-deflate=false"]);
    expect(flags).toEqual({ "max-rdy-count": "5", "msg-timeout": "1m30s", snappy: "true", deflate: "false" });
  });

  test("the last value wins, lists collect, a value may hold = and be empty", () => {
    const { flags } = parseArguments([
      "--max-rdy-count=5",
      "--max-rdy-count=6",
      "--lookupd-tcp-address=a:1",
      "--lookupd-tcp-address=b:2",
      "--log-prefix=a=b",
      "--http-address=",
    ]);
    expect(flags).toEqual({
      "max-rdy-count": "6",
      "lookupd-tcp-address": ["a:1", "b:2"],
      "log-prefix": "a=b",
      "http-address": "",
    });
  });

  test("help, version, and flags that nsqd ignores", () => {
    expect(parseArguments(["--version"])).toMatchObject({ wantsVersion: true, wantsHelp: false });
    expect(parseArguments(["-h"])).toMatchObject({ wantsVersion: false, wantsHelp: true });
    expect(parseArguments(["--verbose", "--worker-id=false"])).toMatchObject({ flags: {}, wantsHelp: false });
  });

  test.each([
    [["--no-such-flag"], "flag provided but not defined: --no-such-flag"],
    [["--mem-queue-szie=1"], "did you mean --mem-queue-size?"],
    [["--msg-timeout"], "flag needs an argument: --msg-timeout"],
    [["stray"], 'unexpected argument "stray"'],
    [["--"], 'unexpected argument "--"'],
    [["--=5"], 'unexpected argument "--=5"'],
    [["--config"], "flag needs an argument: --config"],
  ])("%j is refused", (args, text) => {
    expect(argumentsRefusal(args).message).toContain(text);
  });

  test("any arguments either parse or are refused by an OptionError", () => {
    const names = fc.constantFrom(...FLAGS.map((flag) => flag.name), "nope", "");
    const argument = fc.tuple(
      fc.constantFrom("-", "--", "---", ""),
      names,
      fc.constantFrom("", "=", "=5", "=1s", "=x"),
    );
    const property = fc.property(
      fc.array(
        argument.map((parts) => parts.join("")),
        { maxLength: 5 },
      ),
      (args) => {
        try {
          parseNsqdOptions(parseArguments(args).flags);
        } catch (error) {
          expect(error).toBeInstanceOf(OptionError);
        }
      },
    );
    fc.assert(property);
  });
});
