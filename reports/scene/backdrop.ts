import type { Model } from "../model/model.ts";
import { FAULT_ROW, xOf, type LaneBox, type Layout, type TimeWindow } from "./layout.ts";
import { rect, type PathSet, type SceneText } from "./paths.ts";
import { px } from "./shapes.ts";

function clipped(layout: Layout, window: TimeWindow, from: number, to: number): { x: number; width: number } | null {
  if (to < window.from || from > window.to) return null;
  const x = Math.max(layout.left, xOf(layout, window, from));
  return { x, width: Math.max(1.5, Math.min(layout.right, xOf(layout, window, to)) - x) };
}

/** About what a text of the small size takes. */
function textWidth(text: string): number {
  return text.length * 6.1;
}

/** Stretches in which a process was dead, paused or blocked. */
export function drawSpells(model: Model, layout: Layout, window: TimeWindow, set: PathSet, texts: SceneText[]): void {
  for (const spell of model.spells) {
    const lane = layout.lanes[spell.lane]!;
    const span = clipped(layout, window, spell.from, spell.to);
    if (span === null) continue;
    set.add(`spell ${spell.kind.replace(" ", "-")}`, rect(span.x, lane.top, span.width, lane.bottom - lane.top));
    if (textWidth(spell.kind) + 10 < span.width)
      texts.push({ style: "spell-name", x: span.x + 5, y: lane.top - 3, text: spell.kind });
  }
}

/** Faults: a strip of names on top, shading between the lanes they concern. */
export function drawFaults(model: Model, layout: Layout, window: TimeWindow, set: PathSet, texts: SceneText[]): void {
  const taken: number[] = Array.from({ length: layout.faultRows }, () => Number.NEGATIVE_INFINITY);
  for (const [index, fault] of model.faults.entries()) {
    const span = clipped(layout, window, fault.from, fault.to);
    if (span === null) continue;
    const [a, b] = faultExtent(layout.lanes, fault.lanes);
    if (fault.to > fault.from && fault.lanes.length > 1) set.add("fault area", rect(span.x, a, span.width, b - a));
    if (fault.to === fault.from || fault.lanes.length === 1)
      set.add("fault line", `M${px(span.x)},${layout.top}V${px(b)}`);
    const row = layout.faultRow[index]!;
    const y = 10 + row * FAULT_ROW;
    set.add("fault tag", rect(span.x, y, Math.max(3, span.width), FAULT_ROW - 4));
    const x = span.x + (span.width > textWidth(fault.kind) + 8 ? 5 : Math.max(3, span.width) + 4);
    const room = Math.floor((layout.right - x) / 6.1);
    if (x < taken[row]! || room < fault.kind.length) continue;
    const inside = span.width > textWidth(fault.kind) + 8;
    const text =
      inside || nextFault(model, layout, window, index) > x + textWidth(fault.text) ? fault.text : fault.kind;
    const fits = inside ? Math.floor((span.width - 8) / 6.1) : room;
    texts.push({ style: inside ? "fault-name inside" : "fault-name", x, y: y + 11, text: shorten(text, fits) });
    taken[row] = x + textWidth(shorten(text, fits)) + 6;
  }
}

function nextFault(model: Model, layout: Layout, window: TimeWindow, index: number): number {
  for (let next = index + 1; next < model.faults.length; next += 1)
    if (layout.faultRow[next] === layout.faultRow[index]) return xOf(layout, window, model.faults[next]!.from);
  return layout.right;
}

/** From the upper to the lower of the lanes that a fault is about. */
function faultExtent(boxes: readonly LaneBox[], lanes: readonly number[]): readonly [number, number] {
  const ys = lanes.map((lane) => boxes[lane]!);
  if (ys.length === 0) return [boxes[0]?.top ?? 0, boxes.at(-1)?.bottom ?? 0];
  if (ys.length === 1) return [ys[0]!.top, ys[0]!.bottom];
  const upper = ys.reduce((a, b) => (a.y < b.y ? a : b));
  const lower = ys.reduce((a, b) => (a.y < b.y ? b : a));
  return [upper.bottom, lower.top];
}

/** Cut to so many characters, with an ellipsis. */
export function shorten(text: string, characters: number): string {
  return text.length <= characters ? text : `${text.slice(0, Math.max(1, characters - 1))}…`;
}
