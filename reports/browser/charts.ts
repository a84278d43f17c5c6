import { axisLeft, scaleLinear, select } from "d3";
import { chartsOf, peakOf, valueAt, type Chart, type Line } from "../model/series.ts";
import { xOf, timeAt, type Layout, type TimeWindow } from "../scene/layout.ts";
import { px } from "../scene/shapes.ts";
import { count } from "../words.ts";
import { drawTimeAxis } from "./axis.ts";
import { html, svg } from "./dom.ts";
import type { View } from "./view.ts";

const HEIGHT = 78;
const TOP = 6;
const AXIS = 22;

/** The charts that share the diagram's time axis. */
export class Charts {
  private readonly panels: readonly ChartPanel[];

  constructor(view: View, parent: HTMLElement, layout: Layout) {
    this.panels = chartsOf(view.model).map((chart) => new ChartPanel(chart, view));
    parent.replaceChildren(...this.panels.map((panel) => panel.element));
    this.resize(layout);
    view.listen((changes) => {
      if (changes.has("window")) for (const panel of this.panels) panel.draw();
      if (changes.has("crosshair") || changes.has("window")) for (const panel of this.panels) panel.point();
    });
  }

  resize(layout: Layout): void {
    for (const panel of this.panels) panel.resize(layout);
    for (const panel of this.panels) panel.point();
  }
}

class ChartPanel {
  readonly element: HTMLElement;
  private readonly chart: Chart;
  private readonly view: View;
  private layout: Layout | null = null;
  private readonly root: SVGSVGElement;
  private readonly grid = svg("g");
  private readonly lines: readonly SVGPathElement[];
  private readonly values: readonly HTMLElement[];
  private readonly xAxis = svg("g", { class: "axis" });
  private readonly yAxis = svg("g", { class: "axis" });
  private readonly crosshair = svg("line", { class: "crosshair", visibility: "hidden" });

  constructor(chart: Chart, view: View) {
    this.chart = chart;
    this.view = view;
    const names = chart.lines.map((line) => `${line.name} up to ${peakOf(line)}`).join(", ");
    this.root = svg("svg", {
      role: "img",
      "aria-label": `${chart.title} over time: ${names || chart.without || "no data"}`,
    });
    this.lines = chart.lines.map((_, index) => svg("path", { class: `series s${index}` }));
    this.values = chart.lines.map(() => html("b", {}));
    const legend = chart.lines.map((line, index) =>
      html("span", { class: "series-name" }, swatch(index), line.name, this.values[index]!),
    );
    const head = html("div", { class: "chart-head" }, html("strong", {}, chart.title), chart.unit, ...legend);
    if (chart.without !== "") head.append(html("span", {}, chart.without));
    if (chart.lines.length === 0 && chart.without === "") head.append(html("span", {}, "nothing recorded"));
    this.element = html("div", { class: "chart" }, head);
    if (chart.lines.length === 0) return;
    const clip = svg("g", { "clip-path": "url(#plot)" });
    clip.append(...this.lines);
    this.root.append(this.grid, clip, this.xAxis, this.yAxis, this.crosshair);
    this.element.append(this.root);
    this.root.addEventListener("pointermove", (event) => {
      const layout = this.layout!;
      const box = this.root.getBoundingClientRect();
      const x = ((event.clientX - box.left) * layout.width) / box.width;
      view.point(x < layout.left || x > layout.right ? null : timeAt(layout, view.window, x));
    });
    this.root.addEventListener("pointerleave", () => view.point(null));
  }

  resize(layout: Layout): void {
    this.layout = layout;
    const height = HEIGHT + AXIS;
    this.root.setAttribute("width", String(layout.width));
    this.root.setAttribute("height", String(height));
    this.root.setAttribute("viewBox", `0 0 ${layout.width} ${height}`);
    this.xAxis.setAttribute("transform", `translate(0,${HEIGHT})`);
    this.yAxis.setAttribute("transform", `translate(${layout.left},0)`);
    this.draw();
  }

  draw(): void {
    const { layout, view, chart } = this;
    if (layout === null || chart.lines.length === 0) return;
    let most = 1;
    const drawn = chart.lines.map((line) => reduce(line, layout, view.window));
    for (const points of drawn) for (const point of points) most = Math.max(most, point.high);
    const y = scaleLinear([0, most], [HEIGHT, TOP]).nice(3);
    for (const [index, points] of drawn.entries())
      this.lines[index]!.setAttribute("d", stepPath(points, y, layout.right));
    drawTimeAxis(this.xAxis, layout, view.window);
    const ticks = y.ticks(3).filter(Number.isInteger);
    select(this.yAxis).call(
      axisLeft(y)
        .tickValues(ticks)
        .tickFormat((value) => count(Number(value)))
        .tickSizeOuter(0),
    );
    this.grid.replaceChildren(
      ...ticks.map((tick) =>
        svg("line", { class: "gridline", x1: layout.left, x2: layout.right, y1: y(tick), y2: y(tick) }),
      ),
    );
  }

  /** Values under the pointer, or at the end of the window. */
  point(): void {
    const { view, layout, chart } = this;
    if (layout === null || chart.lines.length === 0) return;
    const at = view.crosshair ?? view.window.to;
    for (const [index, line] of chart.lines.entries()) this.values[index]!.textContent = count(valueAt(line, at));
    const x = view.crosshair === null ? -1 : xOf(layout, view.window, view.crosshair);
    const seen = x >= layout.left && x <= layout.right;
    this.crosshair.setAttribute("visibility", seen ? "visible" : "hidden");
    if (!seen) return;
    for (const [name, value] of Object.entries({ x1: x, x2: x, y1: TOP, y2: HEIGHT }))
      this.crosshair.setAttribute(name, String(value));
  }
}

/** A short piece of a line, as it is drawn. */
function swatch(index: number): SVGSVGElement {
  const root = svg("svg", { width: 22, height: 8, "aria-hidden": "true" });
  root.append(svg("line", { class: `series s${index}`, x1: 0, x2: 22, y1: 4, y2: 4 }));
  return root;
}

interface Point {
  readonly x: number;
  readonly low: number;
  readonly high: number;
  readonly last: number;
}

/** What a line is within each pixel of the window: lowest, highest and last value. */
function reduce(line: Line, layout: Layout, window: TimeWindow): Point[] {
  const points: Point[] = [];
  const start = valueAt(line, window.from);
  let current = { x: layout.left, low: start, high: start, last: start };
  for (let index = 0; index < line.at.length; index += 1) {
    const at = line.at[index]!;
    if (at <= window.from) continue;
    if (at > window.to) break;
    const x = Math.round(xOf(layout, window, at) * 2) / 2;
    const value = line.value[index]!;
    if (x > current.x) {
      points.push(current);
      current = { x, low: Math.min(current.last, value), high: Math.max(current.last, value), last: value };
    } else current = { x, low: Math.min(current.low, value), high: Math.max(current.high, value), last: value };
  }
  points.push(current);
  return points;
}

function stepPath(points: readonly Point[], y: (value: number) => number, right: number): string {
  const parts: string[] = [];
  for (const [index, point] of points.entries()) {
    parts.push(index === 0 ? `M${px(point.x)},${px(y(point.last))}` : `H${px(point.x)}`);
    if (point.high !== point.low) parts.push(`V${px(y(point.low))}V${px(y(point.high))}`);
    parts.push(`V${px(y(point.last))}`);
  }
  return `${parts.join("")}H${px(right)}`;
}
