import { decodeDeltas, decodePlain } from "../columns.ts";
import type { Payload, PayloadLane } from "../payload.ts";
import { pairFlights, type Flights } from "./flights.ts";
import { collectMarks, type Marks } from "./marks.ts";
import { unpackRows, type Rows } from "./rows.ts";
import { collectFaults, collectSpells, pairHandlers, type FaultWindow, type Handlers, type Spell } from "./spans.ts";

/** Everything that a page draws, ready to be looked up by time and by message. */
export interface Model {
  readonly name: string;
  readonly endUs: number;
  readonly healUs: number;
  readonly strings: readonly string[];
  readonly kinds: readonly string[];
  readonly lanes: readonly PayloadLane[];
  readonly rows: Rows;
  readonly flights: Flights;
  readonly marks: Marks;
  readonly handlers: Handlers;
  readonly spells: readonly Spell[];
  readonly faults: readonly FaultWindow[];
  readonly gauges: readonly GaugeSeries[];
  /** Labels of each message that has any. */
  readonly labels: ReadonlyMap<number, readonly MessageLabel[]>;
}

export interface GaugeSeries {
  readonly process: string;
  readonly place: string;
  readonly measure: string;
  readonly at: Float64Array;
  readonly value: Float64Array;
}

export interface MessageLabel {
  readonly text: string;
  /** Row of the history it belongs to, or -1. */
  readonly seq: number;
}

/** Unpacks a payload. Pure: the same in Node (pictures) and in the page. */
export function buildModel(payload: Payload): Model {
  const rows = unpackRows(payload);
  return {
    name: payload.name,
    endUs: Math.max(1, payload.endUs),
    healUs: payload.healUs,
    strings: payload.strings,
    kinds: payload.kinds,
    lanes: payload.lanes,
    rows,
    flights: pairFlights(rows),
    marks: collectMarks(rows),
    handlers: pairHandlers(rows, payload),
    spells: collectSpells(rows, payload),
    faults: collectFaults(rows, payload),
    gauges: payload.gauges.map((series) => ({
      process: series.process,
      place: series.place,
      measure: series.measure,
      at: decodeDeltas(series.at, new Float64Array(series.count)),
      value: decodeDeltas(series.value, new Float64Array(series.count)),
    })),
    labels: unpackLabels(payload),
  };
}

function unpackLabels(payload: Payload): Map<number, MessageLabel[]> {
  const { count, names } = payload.labels;
  const msg = decodePlain(payload.labels.msg, new Int32Array(count));
  const row = decodePlain(payload.labels.row, new Int32Array(count));
  const name = decodePlain(payload.labels.name, new Int32Array(count));
  const labels = new Map<number, MessageLabel[]>();
  for (let index = 0; index < count; index += 1) {
    const label = { text: names[name[index]!]!, seq: row[index]! };
    const known = labels.get(msg[index]!);
    if (known === undefined) labels.set(msg[index]!, [label]);
    else known.push(label);
  }
  return labels;
}
