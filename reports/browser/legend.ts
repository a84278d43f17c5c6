import { MARK_NAMES, type MarkName } from "../model/marks.ts";
import type { Model } from "../model/model.ts";
import { markPath, OUTLINED } from "../scene/shapes.ts";
import { html, svg } from "./dom.ts";

const MARK_WORDS: Readonly<Record<MarkName, string>> = {
  publish: "publish",
  deliver: "delivery",
  finish: "FIN",
  touch: "TOUCH",
  requeue: "REQ",
  effect: "effect outside",
  timeout: "deadline passed",
  "give-up": "given up",
  "dead-letter": "dead letter",
  drop: "dropped",
  "publish-error": "publish refused",
  "publish-unknown": "outcome unknown",
  "answer-error": "answer refused",
  connect: "connect",
  close: "close",
  "connect-failed": "connect failed",
  operate: "operator",
};

/** What the signs mean; only those that the run has. */
export function drawLegend(model: Model, parent: HTMLElement): void {
  const seen = new Set<number>(model.marks.type);
  const items: HTMLElement[] = [];
  for (const [index, name] of MARK_NAMES.entries())
    if (seen.has(index)) items.push(markItem(name, MARK_WORDS[name], ""));
  if (model.marks.odd.some((odd, index) => odd === 1 && MARK_NAMES[model.marks.type[index]!] === "deliver"))
    items.push(markItem("deliver", "delivered again", " again"));
  if (model.flights.lost.includes(1)) items.push(lostItem());
  if (model.handlers.count > 0) items.push(barItem("well", "handler"));
  if (model.handlers.end.includes(1)) items.push(barItem("badly", "handler failed"));
  if (model.handlers.end.includes(2)) items.push(barItem("never", "handler never ended"));
  if (model.spells.some((spell) => spell.kind === "down")) items.push(bandItem("spell down", "process down"));
  if (model.spells.some((spell) => spell.kind === "paused" || spell.kind === "blocked"))
    items.push(bandItem("spell paused", "process paused or blocked"));
  if (model.faults.length > 0) items.push(bandItem("fault tag", "fault"));
  parent.replaceChildren(...items);
}

function item(text: string, shape: SVGElement, width = 14): HTMLElement {
  const root = svg("svg", { width, height: 14, "aria-hidden": "true" });
  root.append(shape);
  return html("span", {}, root, text);
}

function markItem(name: MarkName, text: string, more: string): HTMLElement {
  const style = OUTLINED.has(name) ? `mark outlined ${name}` : `mark ${name}${more}`;
  return item(text, svg("path", { class: style, d: markPath(name, 7, 7, 5, more !== "") }));
}

function lostItem(): HTMLElement {
  return item("lost on the way", svg("path", { class: "lost", d: "M3,3l8,8m0,-8l-8,8" }));
}

function barItem(ending: string, text: string): HTMLElement {
  return item(text, svg("rect", { class: `bar ${ending}`, x: 1, y: 4, width: 20, height: 6 }), 22);
}

function bandItem(style: string, text: string): HTMLElement {
  return item(text, svg("rect", { class: style, x: 0, y: 2, width: 20, height: 11 }), 20);
}
