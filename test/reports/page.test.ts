import { afterAll, describe, expect, test } from "vitest";
import { renderIndex } from "../../reports/index-page.ts";
import { renderReport } from "../../reports/report.ts";
import { hasChromium, Pages, type OpenPage } from "./chromium.ts";
import { madeUpRun } from "./fixture.ts";
import { simulate } from "../../sim/run.ts";
import type { Scenario } from "../../sim/scenario/types.ts";
import { coloursOf } from "./png.ts";

const SMALL = 24;

/** Forty messages; for 60 ms nothing that the consumer says arrives. */
const cutWhileAnswering: Scenario = {
  name: "cut-while-answering",
  question: "What becomes of FINs that are lost?",
  seed: 3,
  durationMs: 6_000,
  recoveryMs: 6_000,
  nsqd: [{ name: "nsqd1", options: { "msg-timeout": "2s" } }],
  producers: [{ name: "p1", nsqd: ["nsqd1"], workload: [{ topic: "orders", startMs: 500, count: 40, everyMs: 10 }] }],
  consumers: [
    {
      name: "c1",
      nsqd: ["nsqd1"],
      topic: "orders",
      channel: "billing",
      maxInFlight: 5,
      handler: [{ takeMs: 15 }],
      // The wait before a reconnect.
      config: { lookupd_poll_interval: "500ms" },
    },
  ],
  faults: [{ trigger: { atMs: 700 }, do: { kind: "cut", link: ["c1", "nsqd1"], direction: "forward", forMs: 60 } }],
};

/** In the page: until it has not scrolled for eight frames. */
async function stillness(): Promise<void> {
  for (let frames = 0, last = -1; frames < 8; frames += 1) {
    if (scrollY !== last) frames = 0;
    last = scrollY;
    await new Promise(requestAnimationFrame);
  }
}

describe.skipIf(!hasChromium)("the page in Chromium", () => {
  const pages = new Pages();
  afterAll(() => pages.close());

  const small = (options = {}): Promise<OpenPage> => pages.open(renderReport(madeUpRun(SMALL)), options);

  test("opens from a file without a complaint and without the network", async () => {
    const { page, complaints, requests } = await small();
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith("file:"))).toEqual([]);
    expect(requests).toHaveLength(1);
    const count = (style: string): Promise<string | null> =>
      page.locator(`#diagram .ordinary path[class="${style}"]`).getAttribute("data-count");
    expect(await count("mark publish")).toBe(String(SMALL));
    expect(await count("flight publish")).toBe(String(SMALL));
    expect(await count("spell down")).toBe("1");
    // Queue depth and deferred never move in so small a run.
    expect(await page.locator("#chart-list svg[role=img]").count()).toBe(2);
    expect(await page.locator("#histogram-list rect").count()).toBeGreaterThan(8);
    await page.close();
  });

  test("is not blank, in light and in dark", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      const { page } = await small({ colorScheme });
      const colours = coloursOf(await page.locator("#diagram").screenshot());
      expect(colours.distinct).toBeGreaterThan(60);
      expect(colours.commonest).toBe(colorScheme === "light" ? "255,255,255" : "19,23,28");
      await page.close();
    }
  });

  test("the button changes the theme", async () => {
    const { page } = await small({ colorScheme: "light" });
    const background = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.click("#theme");
    await page.click("#theme");
    expect(await background()).toBe("rgb(19, 23, 28)");
    await page.click("#theme");
    expect(await background()).toBe("rgb(255, 255, 255)");
    await page.close();
  });

  test("a click on a message's line follows it; Escape releases it", async () => {
    const { page } = await small();
    const diagram = page.locator("#diagram svg");
    await diagram.scrollIntoViewIfNeeded();
    const [x, y] = await page.evaluate(() => {
      const path = document.querySelector<SVGPathElement>('#diagram path[class="flight publish"]')!;
      // The first sub-path is the first message's line; a third of the way along it.
      const [x1, y1, x2, y2] = path
        .getAttribute("d")!
        .match(/-?[\d.]+/g)!
        .map(Number) as [number, number, number, number];
      return [x1 + (x2 - x1) / 3, y1 + (y2 - y1) / 3] as const;
    });
    await diagram.hover({ position: { x, y } });
    expect(await page.locator("#tooltip").innerText()).toContain("message 1");
    await diagram.click({ position: { x, y } });
    const life = page.locator("#life");
    await life.locator("text=Message 1").waitFor();
    expect(await life.innerText()).toContain("p1 publishes to orders on nsqd1");
    expect(await life.innerText()).toContain("c2 sends FIN to nsqd1");
    expect(await diagram.getAttribute("class")).toContain("following");
    expect(await page.locator("#diagram .followed path").count()).toBeGreaterThan(4);
    await diagram.press("Escape");
    await page.locator("#life h3", { hasText: "Follow a message" }).waitFor();
    await page.close();
  });

  test("a ledger entry follows its message and says its licence", async () => {
    const { page } = await small();
    await page.locator("details.licence summary", { hasText: "consumer-crash" }).click();
    await page.locator(".entries .message-link").first().click();
    await page.locator("#life .label", { hasText: "duplicate: consumer-crash" }).waitFor();
    expect(await page.locator("#life").innerText()).toContain("attempt 2");
    await page.close();
  });

  test("all of it by keyboard: pick, follow, step, zoom, release", async () => {
    const { page } = await small();
    const diagram = page.locator("#diagram svg");
    await diagram.focus();
    for (const key of ["ArrowDown", "ArrowDown", "Enter"]) await page.keyboard.press(key);
    const current = page.locator("#life [aria-current]");
    await current.waitFor();
    const before = await current.innerText();
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => current.innerText()).not.toBe(before);
    expect(await page.locator("#announcer").innerText()).toMatch(/^Message \d+, \d+ of \d+\./);
    await page.keyboard.press("0");
    await expect.poll(() => page.locator("#range").innerText()).toContain("0.000 s to");
    const whole = await page.locator("#range").innerText();
    await page.keyboard.press("+");
    await expect.poll(() => page.locator("#range").innerText()).not.toBe(whole);
    await page.keyboard.press("Escape");
    await page.locator("#life h3", { hasText: "Follow a message" }).waitFor();
    await page.close();
  });

  test("wheel, drag and brush move the window", async () => {
    const { page } = await small({ reducedMotion: "reduce" });
    const range = page.locator("#range");
    const whole = await range.innerText();
    const box = (await page.locator("#diagram svg").boundingBox())!;
    await page.evaluate((top) => scrollTo(0, top - 40), box.y);
    const middle = { x: box.x + box.width / 2, y: 40 + box.height / 2 };
    await page.mouse.move(middle.x, middle.y);
    await page.mouse.wheel(0, -300);
    await expect.poll(() => range.innerText()).not.toBe(whole);
    const zoomed = await range.innerText();
    await page.mouse.down();
    await page.mouse.move(middle.x - 120, middle.y, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => range.innerText()).not.toBe(zoomed);
    expect(await page.locator("#overview .selection").isVisible()).toBe(true);
    await page.click('[data-zoom="all"]');
    await expect.poll(() => range.innerText()).toBe(whole);
    const strip = (await page.locator("#overview svg").boundingBox())!;
    await page.mouse.move(strip.x + strip.width * 0.4, strip.y + 20);
    await page.mouse.down();
    await page.mouse.move(strip.x + strip.width * 0.6, strip.y + 20, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => range.innerText()).not.toBe(whole);
    await page.close();
  });

  test("scrolling the page with the wheel does not zoom what comes under the pointer", async () => {
    const { page } = await small({ viewport: { width: 1280, height: 500 } });
    await page.mouse.move(500, 250);
    const diagram = page.locator("#diagram");
    for (let step = 0; step < 40 && (await diagram.boundingBox())!.y > 100; step += 1) {
      await page.mouse.wheel(0, 100);
      await page.evaluate(stillness);
    }
    const whole = await page.locator("#range").innerText();
    const before = await page.evaluate(() => scrollY);
    await page.mouse.wheel(0, -60);
    await page.evaluate(stillness);
    expect(await page.evaluate(() => scrollY)).toBeLessThan(before);
    expect(await page.locator("#range").innerText()).toBe(whole);
    await page.mouse.move(520, 260);
    await page.mouse.wheel(0, -60);
    await expect.poll(() => page.locator("#range").innerText()).not.toBe(whole);
    await page.close();
  });

  test("a number that no message has is said to be wrong", async () => {
    const { page } = await small();
    await page.fill("#find-msg", "4711");
    await page.click("#find button");
    const message = await page.locator("#find-msg").evaluate((input) => (input as HTMLInputElement).validationMessage);
    expect(message).toBe("This run has no message of that number.");
    await page.close();
  });

  test("fifty thousand events: drawn within two seconds, zooming shows single messages", async () => {
    const run = madeUpRun(5_300);
    expect(run.history.length).toBeGreaterThan(50_000);
    const { page, readyMs, complaints } = await pages.open(renderReport(run), { reducedMotion: "reduce" });
    expect(readyMs).toBeLessThan(2_000);
    const diagram = page.locator("#diagram svg");
    expect(await diagram.getAttribute("data-bundled")).toBe("true");
    await diagram.focus();
    const frameMs = await page.evaluate(async () => {
      const root = document.querySelector<SVGSVGElement>("#diagram svg")!;
      const frame = (): Promise<number> =>
        new Promise((resolve) => root.ownerDocument.defaultView!.requestAnimationFrame(resolve));
      const begin = await frame();
      for (let index = 0; index < 10; index += 1) {
        root.dispatchEvent(new KeyboardEvent("keydown", { key: index < 6 ? "+" : "ArrowRight", bubbles: true }));
        await frame();
      }
      return ((await frame()) - begin) / 10;
    });
    expect(frameMs).toBeLessThan(150);
    expect(await diagram.getAttribute("data-bundled")).toBe("false");
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("a simulated run: the fault is shaded, every FIN lost in it is marked, its message tells the licence", async () => {
    const run = simulate(cutWhileAnswering);
    const { page, complaints } = await pages.open(renderReport(run), { reducedMotion: "reduce" });
    const lost = run.ledger.duplicates.filter((entry) => entry.licence === "lost-fin");
    expect(lost.length).toBeGreaterThan(0);
    expect(await page.locator('#diagram path[class="fault area"]').getAttribute("data-count")).toBe("1");
    const crosses = await page.locator('#diagram path[class="lost"]').getAttribute("data-count");
    expect(Number(crosses)).toBeGreaterThanOrEqual(lost.length);
    await page.fill("#find-msg", String(lost[0]!.msg));
    await page.click("#find button");
    await page.locator("#life .label", { hasText: "duplicate: lost-fin" }).waitFor();
    expect(await page.locator("#life").innerText()).toContain("deadline passed");
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("on paper: white, without controls, the diagram within the page", async () => {
    const { page } = await small({ colorScheme: "dark" });
    await page.emulateMedia({ media: "print" });
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe("rgb(255, 255, 255)");
    for (const control of ["#theme", "#find", "[data-zoom=in]", "#overview"])
      expect(await page.locator(control).isVisible()).toBe(false);
    expect(await page.locator("#diagram svg").isVisible()).toBe(true);
    expect((await page.pdf({ preferCSSPageSize: true })).length).toBeGreaterThan(20_000);
    await page.close();
  });

  test("at 800 pixels nothing is wider than the page", async () => {
    const { page } = await small({ viewport: { width: 800, height: 900 } });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(800);
    await page.setViewportSize({ width: 1280, height: 900 });
    await expect.poll(() => page.locator("#diagram svg").getAttribute("width").then(Number)).toBeGreaterThan(850);
    await page.close();
  });

  test("the index opens without a complaint and shows a bar for every bin with deliveries", async () => {
    const run = madeUpRun(SMALL);
    const { page, complaints } = await pages.open(renderIndex([{ run, wallMs: 3, href: "made-up.html" }]));
    expect(complaints).toEqual([]);
    expect(await page.locator(".index tbody tr").count()).toBe(1);
    expect(await page.locator(".index .overview-first").getAttribute("d")).toMatch(/^M/);
    await page.close();
  });
});
