import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";

const EXECUTABLE = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** Whether pages can be opened here. Where CI runs they must be. */
export const hasChromium = existsSync(EXECUTABLE);

if (!hasChromium) {
  if (process.env["CI"] !== undefined) throw new Error(`tests of pages need Chromium at ${EXECUTABLE}`);
  console.log(`NOTICE: no Chromium at ${EXECUTABLE}: the pages of reports are not tested`);
}

/** A page opened from a file, with everything it complained about or asked the network for. */
export interface OpenPage {
  readonly page: Page;
  readonly complaints: readonly string[];
  readonly requests: readonly string[];
  /** From the request to the page's script being ready. */
  readonly readyMs: number;
}

/** Opens pages from `file://` in one headless browser. */
export class Pages {
  private browser: Browser | null = null;
  private readonly directory = mkdtempSync(join(tmpdir(), "nsqlab-pages-"));
  private files = 0;

  async open(html: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
    this.browser ??= await chromium.launch({
      executablePath: EXECUTABLE,
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    });
    this.files += 1;
    const file = join(this.directory, `page-${this.files}.html`);
    writeFileSync(file, html);
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(String(error.stack)));
    page.on("request", (request) => requests.push(request.url()));
    const begin = performance.now();
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector("html[data-ready], main .index");
    return { page, complaints, requests, readyMs: performance.now() - begin };
  }

  async close(): Promise<void> {
    await this.browser?.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
