import { FLIGHT_NAMES } from "../model/flights.ts";
import { MARK_NAMES, type MarkName } from "../model/marks.ts";
import type { Model } from "../model/model.ts";
import { bundleFlights, laneDensity } from "./density.ts";
import { drawFaults, drawSpells } from "./backdrop.ts";
import { xOf, type Layout, type TimeWindow } from "./layout.ts";
import { PathSet, rect, type ScenePath, type SceneText } from "./paths.ts";
import { lowerBound, upperBound } from "./search.ts";
import { markPath, OUTLINED, px } from "./shapes.ts";

/** A picture as a few paths: everything that looks alike is one path. */
export interface Scene {
  readonly paths: readonly ScenePath[];
  readonly texts: readonly SceneText[];
  /** What the window holds, and whether ordinary lines are drawn together. */
  readonly flights: number;
  readonly marks: number;
  readonly bundled: boolean;
}

/** Lines per pixel of width up to which each flight has a line of its own. */
const FLIGHTS_PER_PIXEL = 0.9;

/** Draws what a window of time holds. Pure; the page and the pictures in Node share it. */
export function drawScene(model: Model, layout: Layout, window: TimeWindow): Scene {
  const set = new PathSet();
  const texts: SceneText[] = [];
  drawSpells(model, layout, window, set, texts);
  drawFaults(model, layout, window, set, texts);
  const { from, to } = flightRange(model, window);
  let flights = 0;
  for (let index = from; index < to; index += 1) if (model.flights.arrives[index]! >= window.from) flights += 1;
  const bundled = flights > (layout.right - layout.left) * FLIGHTS_PER_PIXEL;
  if (bundled) {
    bundleFlights(model, layout, window, from, to, set);
    laneDensity(model, layout, window, set);
  } else drawHandlers(model, layout, window, set, null);
  const seen = new Set<string>();
  for (let index = from; index < to; index += 1) {
    if (model.flights.arrives[index]! < window.from) continue;
    if (!bundled) drawFlight(model, layout, window, index, set);
    else if (model.flights.odd[index] === 1) drawFlight(model, layout, window, index, set, seen);
  }
  const marks = drawMarks(model, layout, window, set, bundled);
  return { paths: set.paths(), texts, flights, marks, bundled };
}

/** Draws one message alone: its lines, its handlers, its marks, larger. */
export function drawMessage(model: Model, layout: Layout, window: TimeWindow, msg: number): readonly ScenePath[] {
  const set = new PathSet();
  drawHandlers(model, layout, window, set, msg);
  for (let index = 0; index < model.flights.count; index += 1)
    if (model.flights.msg[index] === msg) drawFlight(model, layout, window, index, set);
  const { marks } = model;
  for (let index = 0; index < marks.count; index += 1) {
    if (marks.msg[index] !== msg) continue;
    const name = MARK_NAMES[marks.type[index]!]!;
    set.add(
      markStyle(name, marks.odd[index] === 1),
      markPath(
        name,
        xOf(layout, window, marks.at[index]!),
        layout.lanes[marks.lane[index]!]!.y,
        5,
        marks.odd[index] === 1,
      ),
    );
  }
  return set.paths();
}

/** Indices of the flights that may be seen in the window. */
export function flightRange(model: Model, window: TimeWindow): { from: number; to: number } {
  const { flights } = model;
  return {
    from: lowerBound(flights.latest, flights.count, window.from),
    to: upperBound(flights.departs, flights.count, window.to),
  };
}

/** Where a flight starts and ends on the page. A flight that was lost ends half-way. */
export function flightEnds(model: Model, layout: Layout, window: TimeWindow, index: number): Ends | null {
  const { flights } = model;
  const fromBox = layout.lanes[flights.from[index]!];
  const toBox = layout.lanes[flights.to[index]!];
  if (fromBox === undefined) return null;
  const x1 = xOf(layout, window, flights.departs[index]!);
  const y1 = fromBox.y;
  if (flights.lost[index] === 1) {
    const y2 = toBox === undefined ? fromBox.bottom + 16 : y1 + (toBox.y - y1) * 0.45;
    return { x1, y1, x2: x1 + 3, y2 };
  }
  if (toBox === undefined) return null;
  return within(layout, { x1, y1, x2: xOf(layout, window, flights.arrives[index]!), y2: toBox.y });
}

interface Ends {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** Pixels beyond the plot that lines may reach: drawing far outside loses precision. */
const MARGIN = 3_000;

function within(layout: Layout, ends: Ends): Ends {
  const { x1, y1, x2, y2 } = ends;
  const low = layout.left - MARGIN;
  const high = layout.right + MARGIN;
  if (x1 >= low && x2 <= high) return ends;
  const slope = (y2 - y1) / (x2 - x1);
  const start = Math.max(low, x1);
  const end = Math.min(high, x2);
  return { x1: start, y1: y1 + (start - x1) * slope, x2: end, y2: y1 + (end - x1) * slope };
}

/** With `seen`: unless one that looks the same is drawn already. */
function drawFlight(
  model: Model,
  layout: Layout,
  window: TimeWindow,
  index: number,
  set: PathSet,
  seen: Set<string> | null = null,
): void {
  const ends = flightEnds(model, layout, window, index);
  if (ends === null) return;
  const { flights } = model;
  const name = FLIGHT_NAMES[flights.kind[index]!]!;
  const again = name === "deliver" && flights.odd[index] === 1 && flights.lost[index] === 0 ? " again" : "";
  if (seen !== null) {
    const look = `${name}${again} ${Math.round(ends.x1)},${ends.y1} ${Math.round(ends.x2)},${ends.y2}`;
    if (seen.has(look)) return;
    seen.add(look);
  }
  set.add(`flight ${name}${again}`, `M${px(ends.x1)},${px(ends.y1)}L${px(ends.x2)},${px(ends.y2)}`);
  if (flights.lost[index] === 1) set.add("lost", `M${px(ends.x2 - 4)},${px(ends.y2 - 4)}l8,8m0,-8l-8,8`);
}

function markStyle(name: MarkName, odd: boolean): string {
  if (OUTLINED.has(name)) return `mark outlined ${name}`;
  return name === "deliver" && odd ? "mark deliver again" : `mark ${name}`;
}

/** Of marks that would lie on each other in a crowd, one. Returns how many there are. */
function drawMarks(model: Model, layout: Layout, window: TimeWindow, set: PathSet, oddOnly: boolean): number {
  const { marks } = model;
  const from = lowerBound(marks.at, marks.count, window.from);
  const to = upperBound(marks.at, marks.count, window.to);
  const crowd = (to - from) / (layout.right - layout.left);
  const size = crowd < 0.15 ? 4.5 : crowd < 0.5 ? 3.5 : 3;
  const order: number[] = [];
  for (let index = from; index < to; index += 1) if (!oddOnly || marks.odd[index] === 1) order.push(index);
  order.sort((a, b) => marks.type[a]! - marks.type[b]! || a - b);
  const seen = new Set<number>();
  for (const index of order) {
    const x = xOf(layout, window, marks.at[index]!);
    const odd = marks.odd[index] === 1;
    const type = marks.type[index]!;
    if (crowd > 1) {
      const look = ((Math.round(x) * 2 + marks.odd[index]!) * MARK_NAMES.length + type) * 4_096 + marks.lane[index]!;
      if (seen.has(look)) continue;
      seen.add(look);
    }
    const name = MARK_NAMES[type]!;
    set.add(markStyle(name, odd), markPath(name, x, layout.lanes[marks.lane[index]!]!.y, size, odd));
  }
  return to - from;
}

const ENDINGS = ["well", "badly", "never"] as const;

/** Bars of handlers in the window; of one message, or of all with `null`. */
function drawHandlers(model: Model, layout: Layout, window: TimeWindow, set: PathSet, msg: number | null): void {
  const { handlers } = model;
  const start = lowerBound(handlers.latest, handlers.count, window.from);
  const stop = upperBound(handlers.from, handlers.count, window.to);
  for (let index = start; index < stop; index += 1) {
    if (handlers.to[index]! < window.from || (msg !== null && handlers.msg[index] !== msg)) continue;
    const box = barBox(layout, window, model, index);
    set.add(`bar ${ENDINGS[handlers.end[index]!]!}`, rect(box.x, box.y, box.width, box.height));
  }
}

/** Where the bar of a handler is. */
export function barBox(
  layout: Layout,
  window: TimeWindow,
  model: Model,
  index: number,
): { x: number; y: number; width: number; height: number } {
  const { handlers } = model;
  const lane = layout.lanes[handlers.lane[index]!]!;
  const x = Math.max(layout.left - 2, xOf(layout, window, handlers.from[index]!));
  const end = Math.min(layout.right + 2, xOf(layout, window, handlers.to[index]!));
  const slot = handlers.slot[index]! % Math.max(1, lane.slots);
  return { x, y: lane.y + 9 + slot * lane.slotHeight, width: Math.max(1, end - x), height: lane.slotHeight - 1 };
}
