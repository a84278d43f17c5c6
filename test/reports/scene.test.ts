import { expect, test } from "vitest";
import { History, KIND } from "../../sim/history.ts";
import type { Model } from "../../reports/model/model.ts";
import { backdropAt, hitTest } from "../../reports/scene/hit.ts";
import { layOut, timeAt, xOf, type Layout } from "../../reports/scene/layout.ts";
import { drawMessage, drawScene, flightEnds, type Scene } from "../../reports/scene/scene.ts";
import { modelOf, row, runOf } from "./build.ts";
import { madeUpRun } from "./fixture.ts";

function layoutOf(model: Model): Layout {
  return layOut(1_000, model.lanes, model.handlers, model.faults);
}

function drawn(scene: Scene, style: string): number {
  return scene.paths.filter((path) => path.style.startsWith(style)).reduce((sum, path) => sum + path.count, 0);
}

test("a small run is drawn one by one: as many marks and lines as there are", () => {
  const model = modelOf(madeUpRun(20));
  const scene = drawScene(model, layoutOf(model), { from: 0, to: model.endUs });
  expect(scene.bundled).toBe(false);
  expect(drawn(scene, "mark publish")).toBe(20);
  expect(drawn(scene, "flight publish")).toBe(20);
  expect(drawn(scene, "mark deliver")).toBe(
    model.rows.kind.filter((kind) => kind === model.kinds.indexOf("deliver")).length,
  );
  expect(drawn(scene, "bar")).toBe(model.handlers.count);
});

test("a crowded run is bundled into few paths, and nothing out of the ordinary is hidden", () => {
  const model = modelOf(madeUpRun(5_000));
  const window = { from: 0, to: model.endUs };
  const scene = drawScene(model, layoutOf(model), window);
  const odd = model.marks.odd.reduce((sum, one) => sum + one, 0);
  expect(scene.bundled).toBe(true);
  expect(scene.paths.length).toBeLessThan(40);
  expect(drawn(scene, "mark")).toBe(odd);
  expect(odd).toBeGreaterThan(2);
  expect(drawn(scene, "bundle")).toBeLessThan(4_000);
  const near = drawScene(model, layoutOf(model), { from: model.endUs * 0.4, to: model.endUs * 0.41 });
  expect(near.bundled).toBe(false);
});

test("however many redeliveries there are, the last one is drawn, in few pieces", () => {
  const run = madeUpRun(5_000);
  const { history } = run;
  for (let row = 0; row < history.length; row += 1)
    if (history.kind[row] === KIND.deliver || history.kind[row] === KIND["broker-send"]) history.value[row] = 2;
  const model = modelOf(run);
  const layout = layoutOf(model);
  const scene = drawScene(model, layout, { from: 0, to: model.endUs });
  const again = scene.paths.find((path) => path.style === "flight deliver again")!;
  const last = Math.max(...[...again.d.matchAll(/M([\d.]+)/g)].map((match) => Number(match[1])));
  const sent = Math.max(...history.at.filter((_, row) => history.kind[row] === KIND["broker-send"]));
  expect(last).toBeCloseTo(xOf(layout, { from: 0, to: model.endUs }, sent), -1);
  expect(again.count).toBeLessThan(4_000);
  expect(drawn(scene, "mark deliver again")).toBeLessThan(2_000);
});

test("a flight that takes far longer than the window is cut, and goes through the same points", () => {
  const model = modelOf(runOf([row.publish, { ...row.accept, atMs: 60_000 }]));
  const layout = layoutOf(model);
  const window = { from: 30_000_000, to: 30_000_100 };
  const ends = flightEnds(model, layout, window, 0)!;
  expect(ends.x2 - ends.x1).toBeLessThan(10_000);
  const middle = ends.y1 + ((layout.left - ends.x1) / (ends.x2 - ends.x1)) * (ends.y2 - ends.y1);
  const [from, to] = [layout.lanes[0]!.y, layout.lanes[1]!.y];
  expect(middle).toBeCloseTo(from + (to - from) * 0.5, 1);
});

test("what is drawn at a place is what a click there finds", () => {
  const model = modelOf(madeUpRun(6));
  const layout = layoutOf(model);
  const window = { from: 0, to: model.endUs };
  for (let index = 0; index < model.flights.count; index += 1) {
    const ends = flightEnds(model, layout, window, index);
    if (ends === null) continue;
    const x = ends.x1 + (ends.x2 - ends.x1) * 0.43;
    const y = ends.y1 + (ends.y2 - ends.y1) * 0.43;
    const hit = hitTest(model, layout, window, x, y, false);
    expect(hit).not.toBeNull();
  }
  expect(hitTest(model, layout, window, layout.right - 1, layout.top + 1, false)).toBeNull();
});

test("a message alone: its lines and its marks", () => {
  const model = modelOf(madeUpRun(20));
  const paths = drawMessage(model, layoutOf(model), { from: 0, to: model.endUs }, 1);
  const count = (style: string): number => paths.find((path) => path.style === style)?.count ?? 0;
  expect([count("flight publish"), count("flight ok"), count("mark publish"), count("mark finish")]).toEqual([
    1, 1, 1, 1,
  ]);
});

test("the background says which fault and which process", () => {
  const model = modelOf(madeUpRun(20));
  const layout = layoutOf(model);
  const window = { from: 0, to: model.endUs };
  const kill = xOf(layout, window, model.faults[0]!.from);
  expect(backdropAt(model, layout, window, kill, 14)).toBe("kill c1 · at 0.040 s");
  const c1 = layout.lanes[2]!;
  expect(backdropAt(model, layout, window, kill + 40, c1.y)).toBe("c1 down · 0.040 s to 0.200 s");
  expect(backdropAt(model, layout, window, kill + 40, layout.lanes[0]!.y)).toBeNull();
});

test("faults that stand close together share a name", () => {
  const run = madeUpRun(20);
  const history = new History();
  for (let fault = 0; fault < 30; fault += 1)
    history.record({ atUs: 10_000 + fault, kind: "fault", process: "c1", value: 0, detail: 1, text: "reset" });
  const model = modelOf({ ...run, history });
  const { texts } = drawScene(model, layoutOf(model), { from: 0, to: model.endUs });
  expect(texts.filter((one) => one.style.startsWith("fault-name")).map((one) => one.text)).toEqual(["kill ×30"]);
});

test("pixels and times are inverse", () => {
  const layout = layoutOf(modelOf(madeUpRun(1)));
  const window = { from: 200, to: 900 };
  expect(timeAt(layout, window, xOf(layout, window, 640))).toBeCloseTo(640, 6);
  expect(xOf(layout, window, 200)).toBe(layout.left);
});

test("no path holds a number that is none", () => {
  for (const messages of [1, 300, 5_000]) {
    const model = modelOf(madeUpRun(messages));
    const scene = drawScene(model, layoutOf(model), { from: -10, to: model.endUs });
    for (const path of scene.paths) expect(path.d).not.toMatch(/NaN|Infinity|undefined/);
  }
});
