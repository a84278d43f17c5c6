import type { Model } from "../model/model.ts";
import { seconds } from "../words.ts";
import { faultExtent, tagTop } from "./backdrop.ts";
import { FAULT_ROW, timeAt, xOf, type Layout, type TimeWindow } from "./layout.ts";
import { barBox, flightEnds, flightRange } from "./scene.ts";
import { lowerBound, upperBound } from "./search.ts";

/** What is under a point: a message, and the row of the history that put it there. */
export interface Hit {
  readonly msg: number;
  /** Index in the model's rows. */
  readonly row: number;
}

const REACH = 7;

/**
 * The nearest thing that is drawn within reach of a point: marks before lines before handlers' bars. `oddOnly` where
 * ordinary things are drawn together. null: nothing is there.
 */
export function hitTest(
  model: Model,
  layout: Layout,
  window: TimeWindow,
  x: number,
  y: number,
  oddOnly: boolean,
): Hit | null {
  const mark = nearestMark(model, layout, window, x, y, oddOnly);
  if (mark >= 0) return { msg: model.marks.msg[mark]!, row: model.marks.row[mark]! };
  const flight = nearestFlight(model, layout, window, x, y, oddOnly);
  if (flight >= 0) return { msg: model.flights.msg[flight]!, row: model.flights.row[flight]! };
  const bar = oddOnly ? -1 : barAt(model, layout, window, x, y);
  return bar >= 0 ? { msg: model.handlers.msg[bar]!, row: model.handlers.row[bar]! } : null;
}

/** What the background says at a point: a fault on its strip or in its area, or a process that was not running. */
export function backdropAt(model: Model, layout: Layout, window: TimeWindow, x: number, y: number): string | null {
  const perPixel = (window.to - window.from) / (layout.right - layout.left);
  const at = timeAt(layout, window, x);
  const covers = (from: number, to: number): boolean => at >= from - 3 * perPixel && at <= to + 3 * perPixel;
  const fault = model.faults.find(
    (one, index) => covers(one.from, one.to) && faultCovers(layout, layout.faultRow[index]!, one.lanes, y),
  );
  if (fault !== undefined) return `${fault.text} · ${when(fault.from, fault.to)}`;
  const spell = model.spells.find((one) => {
    const lane = layout.lanes[one.lane]!;
    return covers(one.from, one.to) && y >= lane.top && y <= lane.bottom;
  });
  return spell === undefined ? null : `${layout.lanes[spell.lane]!.name} ${spell.kind} · ${when(spell.from, spell.to)}`;
}

function faultCovers(layout: Layout, row: number, lanes: readonly number[], y: number): boolean {
  const top = tagTop(row);
  if (y >= top - 2 && y <= top + FAULT_ROW - 2) return true;
  const [upper, lower] = faultExtent(layout.lanes, lanes);
  return lanes.length > 1 && y >= upper && y <= lower;
}

function when(from: number, to: number): string {
  return from === to ? `at ${seconds(from)}` : `${seconds(from)} to ${seconds(to)}`;
}

function nearestMark(model: Model, layout: Layout, window: TimeWindow, x: number, y: number, oddOnly: boolean): number {
  const { marks } = model;
  const perPixel = (window.to - window.from) / (layout.right - layout.left);
  const at = window.from + (x - layout.left) * perPixel;
  const start = lowerBound(marks.at, marks.count, at - REACH * perPixel);
  const stop = upperBound(marks.at, marks.count, at + REACH * perPixel);
  let best = -1;
  let bestDistance = REACH;
  for (let index = start; index < stop; index += 1) {
    if (oddOnly && marks.odd[index] === 0) continue;
    const dx = xOf(layout, window, marks.at[index]!) - x;
    const dy = layout.lanes[marks.lane[index]!]!.y - y;
    const distance = Math.hypot(dx, dy) + (marks.msg[index]! < 0 ? 3 : 0);
    if (distance > bestDistance) continue;
    best = index;
    bestDistance = distance;
  }
  return best;
}

function nearestFlight(
  model: Model,
  layout: Layout,
  window: TimeWindow,
  x: number,
  y: number,
  oddOnly: boolean,
): number {
  const { from, to } = flightRange(model, window);
  let best = -1;
  let bestDistance = REACH - 1;
  for (let index = from; index < to; index += 1) {
    if (oddOnly && model.flights.odd[index] === 0) continue;
    const ends = flightEnds(model, layout, window, index);
    if (ends === null) continue;
    const distance = toSegment(x, y, ends.x1, ends.y1, ends.x2, ends.y2);
    if (distance > bestDistance) continue;
    best = index;
    bestDistance = distance;
  }
  return best;
}

function barAt(model: Model, layout: Layout, window: TimeWindow, x: number, y: number): number {
  const { handlers } = model;
  const start = lowerBound(handlers.latest, handlers.count, window.from);
  const stop = upperBound(handlers.from, handlers.count, window.to);
  for (let index = start; index < stop; index += 1) {
    const box = barBox(layout, window, model, index);
    if (x >= box.x && x <= box.x + box.width && y >= box.y - 1 && y <= box.y + box.height + 1) return index;
  }
  return -1;
}

function toSegment(x: number, y: number, x1: number, y1: number, x2: number, y2: number): number {
  const dx = x2 - x1;
  const dy = y2 - y1;
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / length));
  return Math.hypot(x - x1 - along * dx, y - y1 - along * dy);
}
