import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { expect, test } from "vitest";
import { lostFin } from "../../scenarios/catalogue/lost-fin.ts";
import { pauseSurvivesKill } from "../../scenarios/catalogue/pause-survives-kill.ts";
import { reconnectStormInBackoff } from "../../scenarios/catalogue/reconnect-storm-in-backoff.ts";
import { simulate } from "../../sim/run.ts";
import type { Scenario } from "../../sim/scenario/types.ts";

const CHROMIUM = "/usr/bin/chromium";
const SCENARIOS: readonly Scenario[] = [lostFin, pauseSurvivesKill, reconnectStormInBackoff];

/** What the page offers: the simulator, with nothing of Node around it. */
interface Page {
  readonly nsqlab: { simulate(scenario: unknown): { readonly hash: string; readonly outcome: string } };
}

async function bundledSimulator(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../../sim/run.ts", import.meta.url))],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "nsqlab",
    platform: "browser",
    target: "es2022",
  });
  return outputFiles[0]!.text;
}

const isHere = existsSync(CHROMIUM);
if (!isHere && !process.env["CI"]) console.warn(`${CHROMIUM} is missing: determinism in a browser is not checked`);

test.skipIf(!isHere && !process.env["CI"])("a run has one hash in Node and in Chromium", async () => {
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: await bundledSimulator() });
    for (const scenario of SCENARIOS) {
      const there = await page.evaluate((data) => {
        const { hash, outcome } = (globalThis as unknown as Page).nsqlab.simulate(data);
        return { hash, outcome };
      }, scenario);
      const here = simulate(scenario);
      expect(there, scenario.name).toEqual({ hash: here.hash, outcome: here.outcome });
    }
  } finally {
    await browser.close();
  }
});
