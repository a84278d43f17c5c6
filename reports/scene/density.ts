import { FLIGHT, FLIGHT_NAMES } from "../model/flights.ts";
import type { Model } from "../model/model.ts";
import { xOf, type Layout, type TimeWindow } from "./layout.ts";
import type { PathSet } from "./paths.ts";
import { lowerBound, upperBound } from "./search.ts";
import { px } from "./shapes.ts";

/** Width of a bundle of lines and of a column of a lane's histogram. */
const BUNDLE = 4;
const LEVELS = 4;
const COLUMN_HEIGHT = 15;

/**
 * Ordinary flights in a crowded window: those of the same kind between the same lanes that depart within the same few
 * pixels become one line, the darker the more there are (four steps, logarithmic).
 */
export function bundleFlights(
  model: Model,
  layout: Layout,
  window: TimeWindow,
  from: number,
  to: number,
  set: PathSet,
): void {
  const { flights } = model;
  const columns = Math.ceil((layout.right - layout.left) / BUNDLE);
  const lanes = layout.lanes.length;
  const scale = columns / (window.to - window.from);
  const counts = new Map<number, { count: number; departs: number; arrives: number }>();
  for (let index = from; index < to; index += 1) {
    // OKs go back where the publishes came from: they would only darken them.
    if (flights.odd[index] === 1 || flights.kind[index] === FLIGHT.ok) continue;
    if (flights.arrives[index]! < window.from) continue;
    const column = Math.max(0, Math.floor((flights.departs[index]! - window.from) * scale));
    const key = ((column * 8 + flights.kind[index]!) * lanes + flights.from[index]!) * lanes + flights.to[index]!;
    const known = counts.get(key);
    if (known === undefined) {
      counts.set(key, { count: 1, departs: flights.departs[index]!, arrives: flights.arrives[index]! });
      continue;
    }
    known.count += 1;
    known.departs += flights.departs[index]!;
    known.arrives += flights.arrives[index]!;
  }
  let most = 1;
  for (const bundle of counts.values()) most = Math.max(most, bundle.count);
  for (const [key, bundle] of counts) {
    const target = layout.lanes[key % lanes]!;
    const source = layout.lanes[Math.floor(key / lanes) % lanes]!;
    const kind = Math.floor(key / lanes / lanes) % 8;
    const level = Math.min(LEVELS, 1 + Math.floor((Math.log(bundle.count) / Math.log(most + 1)) * LEVELS));
    const x1 = xOf(layout, window, bundle.departs / bundle.count);
    const x2 = xOf(layout, window, bundle.arrives / bundle.count);
    set.add(`bundle ${FLIGHT_NAMES[kind]!} level${level}`, `M${px(x1)},${px(source.y)}L${px(x2)},${px(target.y)}`);
  }
}

/** Per lane and column: what departed and arrived there, as columns on the lane; below a consumer, busy handlers. */
export function laneDensity(model: Model, layout: Layout, window: TimeWindow, set: PathSet): void {
  const columns = Math.ceil((layout.right - layout.left) / BUNDLE);
  const tops = layout.lanes.map(() => new Float64Array(columns));
  const scale = columns / (window.to - window.from);
  const { flights } = model;
  const start = lowerBound(flights.departs, flights.count, window.from);
  const stop = upperBound(flights.departs, flights.count, window.to);
  for (let index = start; index < stop; index += 1) {
    const lane = flights.kind[index] === FLIGHT.deliver ? flights.to[index]! : flights.from[index]!;
    const counts = tops[lane];
    const column = Math.floor((flights.departs[index]! - window.from) * scale);
    if (counts !== undefined && flights.kind[index] !== FLIGHT.finish) counts[Math.min(columns - 1, column)]! += 1;
  }
  let most = 1;
  for (const counts of tops) for (const count of counts) most = Math.max(most, count);
  for (const [lane, counts] of tops.entries()) {
    const box = layout.lanes[lane]!;
    set.add(`density ${box.role}`, silhouette(layout, counts, box.y, -COLUMN_HEIGHT / most));
  }
  busyHandlers(model, layout, window, columns, set);
}

function busyHandlers(model: Model, layout: Layout, window: TimeWindow, columns: number, set: PathSet): void {
  const { handlers } = model;
  const scale = columns / (window.to - window.from);
  const busy = layout.lanes.map(() => new Float64Array(columns + 1));
  const start = lowerBound(handlers.latest, handlers.count, window.from);
  const stop = upperBound(handlers.from, handlers.count, window.to);
  for (let index = start; index < stop; index += 1) {
    const change = busy[handlers.lane[index]!]!;
    addOverlap(
      change,
      columns,
      (handlers.from[index]! - window.from) * scale,
      (handlers.to[index]! - window.from) * scale,
    );
  }
  for (const [lane, counts] of busy.entries()) {
    const box = layout.lanes[lane]!;
    if (box.slots === 0) continue;
    const height = box.slots * box.slotHeight;
    const most = Math.max(1, handlers.slots[lane]!);
    set.add("density busy", silhouette(layout, counts.subarray(0, columns), box.y + 9, height / most));
  }
}

/** Adds to each column the fraction of it that [from, to] covers. */
function addOverlap(counts: Float64Array, columns: number, from: number, to: number): void {
  const first = Math.max(0, Math.floor(from));
  const last = Math.min(columns - 1, Math.floor(to));
  for (let column = first; column <= last; column += 1)
    counts[column]! += Math.min(to, column + 1) - Math.max(from, column);
}

/** Columns on a base line as one outline; `unit` pixels per count, negative upwards. */
function silhouette(layout: Layout, counts: Float64Array, base: number, unit: number): string {
  const parts: string[] = [];
  for (let column = 0; column < counts.length; column += 1) {
    const count = counts[column]!;
    if (count <= 0) continue;
    const x = layout.left + column * BUNDLE;
    const width = Math.min(BUNDLE - 0.5, layout.right - x);
    const height = Math.sign(unit) * Math.max(1, Math.abs(count * unit));
    parts.push(`M${px(x)},${px(base)}v${px(height)}h${px(width)}v${px(-height)}Z`);
  }
  return parts.join("");
}
