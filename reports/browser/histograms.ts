import { axisLeft, scaleLinear, scaleLog, select } from "d3";
import { attemptsOf, latenciesOf, quantile } from "../model/distribution.ts";
import type { Model } from "../model/model.ts";
import { count, duration, plural } from "../words.ts";
import { html, svg } from "./dom.ts";

const HEIGHT = 170;
const LEFT = 52;
const RIGHT = 12;
const TOP = 46;
const BOTTOM = 34;

/** Draws the distributions of the whole run. */
export function drawHistograms(model: Model, parent: HTMLElement): void {
  const width = Math.max(320, Math.min(640, (parent.clientWidth - 36) / (parent.clientWidth > 780 ? 2 : 1)));
  parent.replaceChildren(latencyHistogram(model, width), attemptsHistogram(model, width));
}

function figure(title: string, note: string, width: number, label: string): { box: HTMLElement; root: SVGSVGElement } {
  const root = svg("svg", {
    width,
    height: HEIGHT,
    viewBox: `0 0 ${width} ${HEIGHT}`,
    role: "img",
    "aria-label": label,
  });
  const head = html("div", { class: "chart-head" }, html("strong", {}, title), note);
  return { box: html("div", { class: "chart histogram" }, head, root), root };
}

function latencyHistogram(model: Model, width: number): HTMLElement {
  const { sorted, bins, first, ratio } = latenciesOf(model);
  const title = "Publish to first delivery";
  if (sorted.length === 0)
    return html(
      "div",
      { class: "chart" },
      html("div", { class: "chart-head" }, html("strong", {}, title), "no delivery"),
    );
  const quantiles = [0.5, 0.9, 0.99].map((part) => ({ name: `p${part * 100}`, value: quantile(sorted, part) }));
  const said = quantiles.map(({ name, value }) => `${name} ${duration(value)}`).join(", ");
  const { box, root } = figure(
    title,
    `${plural(sorted.length, "delivery", "deliveries")}, logarithmic time`,
    width,
    `${title}: ${said}`,
  );
  const end = first * ratio ** bins.length;
  const x = scaleLog([first, end], [LEFT, width - RIGHT]);
  const y = drawCounts(root, Math.max(...bins), width);
  for (const [index, value] of bins.entries()) {
    const x1 = x(first * ratio ** index);
    const x2 = x(first * ratio ** (index + 1));
    if (value === 0) continue;
    const top = Math.min(y(value), HEIGHT - BOTTOM - 1);
    const rect = svg("rect", { x: x1 + 0.5, y: top, width: Math.max(1, x2 - x1 - 1), height: HEIGHT - BOTTOM - top });
    rect.append(
      svg(
        "title",
        {},
        `${duration(first * ratio ** index)} to ${duration(first * ratio ** (index + 1))}: ${count(value)}`,
      ),
    );
    root.append(rect);
  }
  drawLogTicks(root, first, end, x);
  drawQuantiles(root, quantiles, (value) => Math.min(width - RIGHT, x(value)), width);
  return box;
}

function quantileLevel(index: number): number {
  return 11 + index * 12;
}

/** Lines first, then names with a halo, one below the other: no name is crossed by a line. */
function drawQuantiles(
  root: SVGSVGElement,
  quantiles: readonly { readonly name: string; readonly value: number }[],
  x: (value: number) => number,
  width: number,
): void {
  for (const [index, { value }] of quantiles.entries()) {
    const at = x(value);
    root.append(svg("line", { class: "quantile", x1: at, x2: at, y1: quantileLevel(index) + 3, y2: HEIGHT - BOTTOM }));
  }
  for (const [index, { name, value }] of quantiles.entries()) {
    const at = x(value);
    const end = at > width - 110;
    const place = { x: end ? at - 4 : at + 4, y: quantileLevel(index) + 4, "text-anchor": end ? "end" : "start" };
    root.append(svg("text", { class: "quantile-name", ...place }, `${name} ${duration(value)}`));
  }
}

/** 1, 10, 100 … and, where there is room, 2 and 5 between them. */
function drawLogTicks(root: SVGSVGElement, first: number, end: number, x: (value: number) => number): void {
  const decades = Math.log10(end / first);
  const steps = decades < 1.2 ? [1, 1.5, 2, 3, 4, 5, 6, 8] : decades < 2.5 ? [1, 2, 5] : [1];
  const axis = svg("g", { class: "axis" });
  const base = HEIGHT - BOTTOM;
  for (let decade = Math.floor(Math.log10(first)); decade <= Math.ceil(Math.log10(end)); decade += 1)
    for (const step of steps) {
      const value = step * 10 ** decade;
      if (value < first * 0.999 || value > end * 1.001) continue;
      axis.append(
        svg("line", { x1: x(value), x2: x(value), y1: base, y2: base + 5 }),
        svg("text", { x: x(value), y: base + 17, "text-anchor": "middle" }, duration(value)),
      );
    }
  root.append(axis);
}

function attemptsHistogram(model: Model, width: number): HTMLElement {
  const counts = attemptsOf(model);
  const title = "Attempts";
  if (counts.length === 0)
    return html(
      "div",
      { class: "chart" },
      html("div", { class: "chart-head" }, html("strong", {}, title), "no delivery"),
    );
  const said = counts.map((value, index) => `attempt ${index + 1}: ${value}`).join(", ");
  const { box, root } = figure(title, "deliveries by attempt number", width, `${title}: ${said}`);
  const y = drawCounts(root, Math.max(...counts), width);
  const step = Math.min(72, (width - LEFT - RIGHT) / counts.length);
  for (const [index, value] of counts.entries()) {
    const x = LEFT + index * step + step * 0.18;
    const top = Math.min(y(value), HEIGHT - BOTTOM - (value > 0 ? 1.5 : 0));
    root.append(
      svg("rect", { class: index === 0 ? "" : "tail", x, y: top, width: step * 0.64, height: HEIGHT - BOTTOM - top }),
      svg("text", { class: "value", x: x + step * 0.32, y: top - 4, "text-anchor": "middle" }, count(value)),
      svg("text", { x: x + step * 0.32, y: HEIGHT - BOTTOM + 17, "text-anchor": "middle" }, String(index + 1)),
    );
  }
  return box;
}

function drawCounts(root: SVGSVGElement, most: number, width: number): (value: number) => number {
  const y = scaleLinear([0, Math.max(1, most)], [HEIGHT - BOTTOM, TOP]).nice(3);
  const axis = svg("g", { class: "axis", transform: `translate(${LEFT},0)` });
  const ticks = y.ticks(3).filter(Number.isInteger);
  select(axis).call(
    axisLeft(y)
      .tickValues(ticks)
      .tickFormat((value) => count(Number(value)))
      .tickSizeOuter(0),
  );
  for (const tick of ticks)
    root.append(svg("line", { class: "gridline", x1: LEFT, x2: width - RIGHT, y1: y(tick), y2: y(tick) }));
  root.append(axis);
  return y;
}
