import { expect, test } from "vitest";
import { scriptJson } from "../../reports/escape.ts";
import { renderIndex } from "../../reports/index-page.ts";
import { buildModel } from "../../reports/model/model.ts";
import { payloadOf } from "../../reports/payload.ts";
import { renderPicture } from "../../reports/picture.ts";
import { renderReport } from "../../reports/report.ts";
import { renderTable } from "../../reports/terminal.ts";
import { madeUpRun } from "./fixture.ts";

const HOSTILE = `</script><script>alert("1")</script><img src=x onerror='alert(2)'>&amp;\u2028\``;

test("everything that a scenario says is text, never markup", () => {
  const run = madeUpRun(2);
  const hostile = {
    ...run,
    scenario: { ...run.scenario, name: HOSTILE, question: HOSTILE, answer: HOSTILE, catalogue: HOSTILE },
    verdicts: run.verdicts.map((verdict) => ({
      ...verdict,
      summary: HOSTILE,
      violations: [{ text: HOSTILE, msg: 1, rows: [] }],
    })),
    ledger: { ...run.ledger, late: [{ msg: 1, place: HOSTILE, licence: null, rows: [], text: HOSTILE }] },
    expectations: [{ path: HOSTILE, expected: HOSTILE, found: HOSTILE, met: false }],
  };
  hostile.history.record({ atUs: run.virtualUs, kind: "fault", process: "c1", detail: 1, text: HOSTILE });
  for (const html of [renderReport(hostile), renderIndex([{ run: hostile, wallMs: 1, href: "a.html" }])]) {
    expect(html.includes("<img")).toBe(false);
    expect(html.includes("<script>alert")).toBe(false);
  }
  expect(renderPicture(hostile).includes("<img")).toBe(false);
  expect(scriptJson(HOSTILE)).not.toMatch(/[<>\u2028]/);
  expect(JSON.parse(scriptJson(HOSTILE))).toBe(HOSTILE);
});

test("a page names no other place than itself", () => {
  const html = renderReport(madeUpRun(2)).replaceAll("http://www.w3.org/", "");
  expect(html.match(/https?:\/\/\S{0,40}/g)).toBeNull();
  expect(html.includes("default-src 'none'")).toBe(true);
});

test("verdicts, ledger, expectations and faults are readable without the script", () => {
  const html = renderReport(madeUpRun(12)).replace(/<script[\s\S]*?<\/script>/g, "");
  for (const text of ["single owner", "13 more violations", "consumer-crash", "expect.delivered", "c1: kill"])
    expect(html).toContain(text);
  const order = [
    'id="verdicts"',
    'id="ledger"',
    'id="expectations"',
    'id="faults"',
    'id="space-time"',
    'id="distributions"',
  ];
  const places = order.map((id) => html.indexOf(id));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places[0]).toBeGreaterThan(0);
});

test("of a very long run only the beginning is drawn", () => {
  const run = madeUpRun(200);
  const payload = payloadOf(run, 100);
  expect(payload.omitted).toBe(run.history.length - 100);
  expect(buildModel(payload).rows.count).toBeLessThanOrEqual(100);
});

test("the ledger lists at most 200 messages of a licence and says how many more", () => {
  const run = madeUpRun(2);
  const entry = { place: "orders/billing", licence: "timeout", rows: [], text: "again" } as const;
  const duplicates = Array.from({ length: 1_234 }, (_, index) => ({ ...entry, msg: index + 1 }));
  const html = renderReport({ ...run, ledger: { ...run.ledger, duplicates } });
  expect(html.match(/data-msg=/g)!.length).toBeLessThan(210);
  expect(html).toContain("and 1,034 more messages");
});

test("the index links every run and shows what was not as expected", () => {
  const run = madeUpRun(12);
  const html = renderIndex([
    { run, wallMs: 12.4, href: "a b.html" },
    { run: { ...run, outcome: "pass" }, wallMs: null, href: "c.html" },
  ]);
  expect(html).toContain(`href="a%20b.html"`);
  expect(html).toContain("1 of 2 scenarios as expected");
  expect(html).toContain("12.4 ms wall");
  expect(html).toContain("1 expectation unmet");
});

test("a table as wide as the terminal allows, columns given up one by one", () => {
  const runs = [{ run: madeUpRun(12), wallMs: 3 }];
  const wide = renderTable(runs, { columns: 300, colour: false });
  expect(wide).toContain(runs[0]!.run.hash);
  expect(wide).toContain("2 consumer-crash");
  expect(wide).toContain("✗ P5");
  for (const columns of [120, 80, 60]) {
    const table = renderTable(runs, { columns, colour: false });
    for (const line of table.split("\n")) expect(line.length).toBeLessThanOrEqual(columns);
    expect(table).toContain("✗ fail");
    expect(table).not.toContain("\u001B");
  }
  expect(renderTable(runs, { columns: 120, colour: true })).toContain("\u001B[31m✗ fail\u001B[0m");
});

test("a picture is one SVG document with every lane named", () => {
  const picture = renderPicture(madeUpRun(12), { follow: 2 });
  for (const name of ["p1", "nsqd1", "c1", "c2", "time, s"]) expect(picture).toContain(`>${name}</text>`);
  expect(picture).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
  expect(picture).not.toMatch(/NaN|undefined/);
});
