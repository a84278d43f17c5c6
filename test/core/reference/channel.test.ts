/**
 * The core's channel against a naive one, over random operations. `REFERENCE_OPERATIONS=5000000` for millions,
 * `REFERENCE_SEED=17` for other ones.
 */
import { describe, expect, test } from "vitest";
import { randomStream } from "../../../core/random.ts";
import { BROKER_BUGS } from "../../sim/oracles/broker-bugs.ts";
import { Contest, type Setting } from "./contest.ts";
import { drawOperation, type Operation } from "./operations.ts";
import { shortest } from "./shortest.ts";

const OPERATIONS = Number(process.env["REFERENCE_OPERATIONS"] ?? 200_000);
const SEED = process.env["REFERENCE_SEED"] ?? "1";
/** Operations on one broker; then a new one starts. */
const ROUND = 2_000;

const SETTINGS: Readonly<Record<string, Setting>> = {
  "two channels, one of them ephemeral": { channels: ["c", "e#ephemeral"], memQueueSize: 10_000, sampleRates: [0] },
  "clients that take a sample": { channels: ["c"], memQueueSize: 10_000, sampleRates: [0, 0, 30, 99] },
  "an ephemeral channel that overflows": { channels: ["e#ephemeral"], memQueueSize: 5, sampleRates: [0] },
};

/** The first difference in a list of operations, or null. */
function difference(setting: Setting, operations: readonly Operation[]): string | null {
  const contest = new Contest(setting);
  for (const operation of operations) {
    let found: string | null;
    try {
      found = contest.step(operation);
    } catch (error) {
      found = String(error);
    }
    if (found !== null) return found;
  }
  return null;
}

/** Compares over so many operations; on a difference returns it with the shortest list of operations found. */
function compare(setting: Setting, seed: string, operations: number): string | null {
  for (let round = 0; round * ROUND < operations; round += 1) {
    const random = randomStream(seed, `round-${round}`);
    const list = Array.from({ length: Math.min(ROUND, operations - round * ROUND) }, () => drawOperation(random));
    if (difference(setting, list) === null) continue;
    const short = shortest(list, (part) => difference(setting, part) !== null);
    return [difference(setting, short), ...short.map((operation) => JSON.stringify(operation))].join("\n");
  }
  return null;
}

describe("the core's channel does what the naive one does", () => {
  for (const [name, setting] of Object.entries(SETTINGS)) {
    test(name, { timeout: 3_600_000 }, () => {
      expect(compare(setting, `${SEED} ${name}`, OPERATIONS / Object.keys(SETTINGS).length)).toBeNull();
    });
  }
});

describe("a bug in the core does not get past the naive channel, and the way to it is short", () => {
  const setting: Setting = { channels: ["c", "shipping", "late"], memQueueSize: 10_000, sampleRates: [0] };

  // Whom of several ready clients a message goes to is free in the naive channel, as in NSQ's contract.
  const visible = BROKER_BUGS.filter(({ caught }) => caught.some((property) => property !== "P11"));

  test.each(visible)("$name", ({ plant }) => {
    const remove = plant();
    try {
      const found = compare(setting, "bugs", 40_000);
      expect(found).not.toBeNull();
      expect(found!.split("\n").length).toBeLessThan(25);
    } finally {
      remove();
    }
  });
});
