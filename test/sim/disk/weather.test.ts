import { expect, test } from "vitest";
import { simulate } from "../../../sim/run.ts";
import { diskWeather } from "./weather.ts";

const RUNS = 60;

test("whatever befalls a disk, every loss, duplicate and late delivery is explained", () => {
  const acted = new Set<string>();
  const losses = new Set<string>();
  const failures: string[] = [];
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const run = simulate(diskWeather(seed));
    for (const { property, outcome, violations } of run.verdicts)
      if (outcome === "fail") failures.push(`seed ${seed}, ${property}: ${violations[0]!.text}`);
    for (const { licence } of run.ledger.losses) losses.add(licence ?? "none");
    for (const event of run.history.events())
      if (event.kind === "fault" && event.detail === 1) acted.add(event.text.split(" ")[0]!);
  }
  expect(failures).toEqual([]);
  const kinds = ["bit-rot", "disk-error", "disk-full", "disk-slow", "kill", "no-descriptors", "pause", "stop"];
  expect([...acted].sort()).toEqual(kinds);
  for (const licence of ["memory-at-kill", "unsynced-at-power-loss", "disk-lost", "disk-error", "damaged-file"])
    expect(losses).toContain(licence);
});
