import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { simulate } from "../sim/run.ts";
import { validateScenario } from "../sim/scenario/validate.ts";
import { type Capsule, isCapsule } from "../sim/shrink/capsule.ts";
import { failsBy } from "../sim/shrink/failure.ts";
import { BROKER_BUGS } from "./sim/oracles/broker-bugs.ts";

// Capsules of failures that were: each replays as long as there is a broker. The reason of a capsule names the mistake in
// the broker that it was made of; with that mistake put back it has to fail as it did,
// without it not so.

const FOLDER = fileURLToPath(new URL("corpus", import.meta.url));
const CANARY = "canary.json";
const files = readdirSync(FOLDER).sort();

function capsule(file: string): Capsule {
  const content: unknown = JSON.parse(readFileSync(join(FOLDER, file), "utf8"));
  if (!isCapsule(content)) throw new Error(`${file} is not a capsule`);
  return content;
}

test("a canary fails: what is below can fail", () => {
  const { scenario, failure, hash } = capsule(CANARY);
  const run = simulate(scenario);
  expect(run.outcome).toBe("fail");
  expect(failsBy(run, failure)).toBe(true);
  // Not compared: the hash changes with every version. It is there for `nsqlab replay`.
  expect(hash).toMatch(/^[0-9a-f]{16}$/);
});

describe.each(files.filter((file) => file !== CANARY))("%s", (file) => {
  const { scenario, failure, reason, story } = capsule(file);

  test("does not fail so any more", () => {
    validateScenario(scenario);
    expect(story.length).toBeLessThanOrEqual(10);
    // It may fail otherwise: a handler that never answers leaves its message unfinished in any broker.
    expect(failsBy(simulate(scenario), failure)).toBe(false);
  });

  test("fails again with its mistake", () => {
    const bug = BROKER_BUGS.find(({ name }) => name === reason);
    const remove = bug!.plant();
    try {
      expect(failsBy(simulate(scenario), failure)).toBe(true);
    } finally {
      remove();
    }
  });
});

test("every planted mistake of the broker has its capsule", () => {
  const reasons = files.map((file) => capsule(file).reason);
  expect(BROKER_BUGS.map(({ name }) => name).filter((name) => !reasons.includes(name))).toEqual([]);
});
