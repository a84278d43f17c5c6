/**
 * Draws the README's picture: `node --import tsx test/report-picture.ts` runs the scenario of the lost FIN, opens its
 * report in Chromium, follows a message that was delivered twice, and writes `reports/report.png`.
 */
import { writeFileSync } from "node:fs";
import { renderReport } from "../reports/report.ts";
import { lostFin } from "../scenarios/catalogue/lost-fin.ts";
import { simulate } from "../sim/run.ts";
import { Pages } from "./reports/chromium.ts";

const run = simulate(lostFin);
const twice = run.ledger.duplicates.find((entry) => entry.licence === "lost-fin");
if (twice === undefined) throw new Error("the scenario of the lost FIN lost none");

const pages = new Pages();
const { page } = await pages.open(renderReport(run), {
  viewport: { width: 1320, height: 1480 },
  colorScheme: "light",
  reducedMotion: "reduce",
});
await page.locator("details.licence summary", { hasText: "lost-fin" }).click();
await page.fill("#find-msg", String(twice.msg));
await page.click("#find button");
await page.locator("#life .event", { hasText: "sends FIN" }).first().click();
for (let step = 0; step < 9; step += 1) {
  await page.locator("#diagram svg").press("+");
  await page.waitForTimeout(50);
}
await page.evaluate(() => {
  scrollTo(0, 0);
  (document.activeElement as HTMLElement).blur();
});
writeFileSync(new URL("../reports/report.png", import.meta.url), await page.screenshot());
await pages.close();
