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
  const tags: Tag[] = [];
  for (const [index, fault] of model.faults.entries()) {
    const span = clipped(layout, window, fault.from, fault.to);
    if (span === null) continue;
    const [a, b] = faultExtent(layout.lanes, fault.lanes);
    if (fault.to > fault.from && fault.lanes.length > 1) set.add("fault area", rect(span.x, a, span.width, b - a));
    if (fault.to === fault.from || fault.lanes.length === 1)
      set.add("fault line", `M${px(span.x)},${layout.top}V${px(b)}`);
    const width = Math.max(3, span.width);
    set.add("fault tag", rect(span.x, tagTop(layout.faultRow[index]!), width, FAULT_ROW - 4));
    addTag(tags, {
      row: layout.faultRow[index]!,
      kind: fault.kind,
      text: fault.text,
      x: span.x,
      end: span.x + width,
      count: 1,
    });
  }
  for (const [index, tag] of tags.entries()) nameTag(layout, tag, tags.slice(index + 1), texts);
}

interface Tag {
  readonly row: number;
  readonly kind: string;
  readonly text: string;
  readonly x: number;
  end: number;
  count: number;
}

/** Tags closer than this, of the same kind on the same row, share a name. */
const NEIGHBOURS = 56;

function addTag(tags: Tag[], tag: Tag): void {
  const before = tags.findLast((one) => one.row === tag.row);
  if (before === undefined || before.kind !== tag.kind || tag.x - before.end > NEIGHBOURS) {
    tags.push(tag);
    return;
  }
  before.end = Math.max(before.end, tag.end);
  before.count += 1;
}

/** Upper edge of a row of the strip. */
export function tagTop(row: number): number {
  return 10 + row * FAULT_ROW;
}

/** The longest name that there is room for: inside a long tag, otherwise after it and before the next. */
function nameTag(layout: Layout, tag: Tag, later: readonly Tag[], texts: SceneText[]): void {
  const names = tag.count > 1 ? [`${tag.kind} ×${tag.count}`] : [tag.text, tag.kind];
  const next = later.find((one) => one.row === tag.row)?.x ?? layout.right;
  const y = tagTop(tag.row) + 11;
  for (const text of names) {
    if (tag.count === 1 && textWidth(text) + 10 < tag.end - tag.x) {
      texts.push({ style: "fault-name inside", x: tag.x + 5, y, text });
      return;
    }
    if (tag.end + 8 + textWidth(text) < next) {
      texts.push({ style: "fault-name", x: tag.end + 4, y, text });
      return;
    }
  }
}

/** From the upper to the lower of the lanes that a fault is about. */
export function faultExtent(boxes: readonly LaneBox[], lanes: readonly number[]): readonly [number, number] {
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
