import { expect, test } from "vitest";
import { type Random, randomStream } from "../../core/random.ts";
import { generateScenario } from "../../sim/generate/index.ts";
import type { LedgerEntry } from "../../sim/result.ts";
import { simulate } from "../../sim/run.ts";
import type { FaultAction, FaultSpec, NsqdSpec, Scenario } from "../../sim/scenario/types.ts";

const RUNS = 40;

function pick<T>(random: Random, ...list: readonly T[]): T {
  return list[random.integer(0, list.length - 1)]!;
}

/** A random scenario whose nsqds use their disks, and end more often. */
function crashing(seed: number): Scenario {
  const scenario = generateScenario(seed);
  const random = randomStream(seed, "crashes");
  const nsqd = scenario.nsqd.map((spec) => diskBound(spec, random));
  const faults = nsqd.flatMap(({ name }) =>
    Array.from({ length: random.integer(1, 4) }, (): FaultSpec => {
      return { trigger: { atMs: random.integer(10, scenario.durationMs - 1) }, do: anEnd(name, random) };
    }),
  );
  return { ...scenario, nsqd, faults: [...(scenario.faults ?? []), ...faults], oracles: ["P1", "P2", "P3", "P4"] };
}

function diskBound(spec: NsqdSpec, random: Random): NsqdSpec {
  const options = {
    ...spec.options,
    "mem-queue-size": pick(random, 0, 0, 1, 3, 10),
    "sync-timeout": pick(random, "20ms", "100ms", "2s"),
    "sync-every": pick(random, 1, 10, 2500),
    "max-bytes-per-file": pick(random, 1_000, 5_000, 100_000),
  };
  return { ...spec, profile: pick(random, "exact", "exact", "nsqd-1.3"), options };
}

function anEnd(process: string, random: Random): FaultAction {
  const restartAfterMs = random.integer(1, 300);
  const what = pick(random, "kill", "power", "torn", "stop");
  if (what === "stop") return { kind: "stop", process, restartAfterMs };
  if (what === "kill") return { kind: "kill", process, restartAfterMs };
  return { kind: "kill", process, restartAfterMs, powerLoss: true, tornTail: what === "torn" };
}

function unexplained(entries: readonly LedgerEntry<string>[]): string[] {
  return entries.filter(({ licence }) => licence === null).map(({ text }) => text);
}

test("however nsqds end, their files say what is lost and what comes again", () => {
  const judged = { pass: 0, fail: 0, unknown: 0 };
  const licences = new Set<string | null>();
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const { verdicts, ledger } = simulate(crashing(seed));
    const { losses, duplicates } = ledger;
    expect([...unexplained(losses), ...unexplained(duplicates)], `seed ${seed}`).toEqual([]);
    const failed = verdicts.filter(({ outcome }) => outcome === "fail").map(({ violations }) => violations[0]!.text);
    expect(failed, `seed ${seed}`).toEqual([]);
    judged[verdicts.find(({ property }) => property === "P3")!.outcome] += 1;
    for (const { licence } of [...losses, ...duplicates]) licences.add(licence);
  }
  expect(judged.pass).toBeGreaterThan(RUNS / 4);
  for (const licence of ["memory-at-kill", "unsynced-at-power-loss", "crash-replay", "broker-restart"])
    expect(licences).toContain(licence);
});
