import { KIND } from "../../sim/history.ts";
import type { Model } from "./model.ts";

/** One line of a chart: a value that holds from its time to the next. */
export interface Line {
  readonly name: string;
  readonly at: ArrayLike<number>;
  readonly value: ArrayLike<number>;
}

export interface Chart {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly Line[];
  /** Names of lines that are 0 all the time, or that had no room. */
  readonly without: string;
}

const MAX_LINES = 6;

/** Depth, in-flight and deferred from gauges, RDY from the clients' commands. */
export function chartsOf(model: Model): Chart[] {
  return [
    chart("Queue depth", "messages", gaugeLines(model, "depth")),
    chart("In flight", "messages", gaugeLines(model, "in-flight")),
    chart("Deferred", "messages", gaugeLines(model, "deferred")),
    chart("RDY", "per connection", readyLines(model)),
  ];
}

/** The value that a line has at a time. */
export function valueAt(line: Line, at: number): number {
  let low = 0;
  let high = line.at.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (line.at[middle]! <= at) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? 0 : line.value[low - 1]!;
}

function chart(title: string, unit: string, lines: readonly Line[]): Chart {
  const peaks = new Map(lines.map((line) => [line, peakOf(line)]));
  const moving = lines.filter((line) => peaks.get(line)! > 0);
  const shown = [...moving].sort((a, b) => peaks.get(b)! - peaks.get(a)!).slice(0, MAX_LINES);
  const still = lines.length - moving.length;
  const hidden = moving.length - shown.length;
  const notes = [
    still > 0 ? `${still === lines.length ? "" : `${still} more `}always 0` : "",
    hidden > 0 ? `${hidden} smaller not drawn` : "",
  ];
  return {
    title,
    unit,
    lines: shown.sort((a, b) => lines.indexOf(a) - lines.indexOf(b)),
    without: notes.filter(Boolean).join(", "),
  };
}

/** The largest value of a line. */
export function peakOf(line: Line): number {
  let most = 0;
  for (let index = 0; index < line.value.length; index += 1) most = Math.max(most, line.value[index]!);
  return most;
}

function gaugeLines(model: Model, measure: string): Line[] {
  const several = new Set(model.gauges.map((series) => series.process)).size > 1;
  return model.gauges
    .filter((series) => series.measure === measure)
    .map((series) => ({
      name: several ? `${series.place} @ ${series.process}` : series.place,
      at: series.at,
      value: series.value,
    }));
}

interface ReadyLine {
  readonly lane: number;
  readonly name: string;
  readonly at: number[];
  readonly value: number[];
}

const DEATHS = new Set(["kill", "stopped"]);

function drop(line: ReadyLine, at: number): void {
  line.at.push(at);
  line.value.push(0);
}

/** RDY as each consumer last sent it to each nsqd, over all connections between the two; 0 once closed. */
function readyLines(model: Model): Line[] {
  const { rows, lanes } = model;
  const lines = new Map<string, ReadyLine>();
  for (let row = 0; row < rows.count; row += 1) {
    const kind = rows.kind[row];
    if (kind === KIND.process && DEATHS.has(model.strings[rows.note[row]!]!)) {
      for (const line of lines.values()) if (line.lane === rows.lane[row]) drop(line, rows.at[row]!);
      continue;
    }
    if (kind !== KIND.rdy && kind !== KIND.close) continue;
    const key = `${rows.lane[row]!}:${rows.peerLane[row]!}`;
    let line = lines.get(key);
    if (line === undefined) {
      if (kind === KIND.close) continue;
      const from = lanes[rows.lane[row]!]?.name ?? "?";
      const to = lanes[rows.peerLane[row]!]?.name ?? "?";
      lines.set(key, (line = { lane: rows.lane[row]!, name: `${from} → ${to}`, at: [], value: [] }));
    }
    if (kind === KIND.close) {
      drop(line, rows.at[row]!);
      continue;
    }
    line.at.push(rows.at[row]!);
    line.value.push(rows.value[row]!);
  }
  return [...lines.values()];
}
