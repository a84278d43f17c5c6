import { decodeDeltas, decodePlain } from "../columns.ts";
import type { Payload } from "../payload.ts";

/** The rows of a payload, unpacked. Strings by number in `strings`, processes by lane. */
export interface Rows {
  readonly count: number;
  readonly seq: Int32Array;
  readonly at: Float64Array;
  readonly msg: Int32Array;
  readonly kind: Uint8Array;
  /** Index of the lane, -1 where the process has none. */
  readonly lane: Int32Array;
  readonly peerLane: Int32Array;
  readonly place: Int32Array;
  readonly conn: Int32Array;
  readonly value: Float64Array;
  readonly detail: Float64Array;
  readonly note: Int32Array;
}

/** Unpacks the rows. */
export function unpackRows(payload: Payload): Rows {
  const { rows, strings, lanes } = payload;
  const size = rows.count;
  const laneOf = new Int32Array(strings.length).fill(-1);
  lanes.forEach((lane, index) => {
    const number = strings.indexOf(lane.name);
    if (number > 0) laneOf[number] = index;
  });
  const toLanes = (column: Int32Array): Int32Array => column.map((number) => laneOf[number]!);
  return {
    count: size,
    seq: decodeDeltas(rows.seq, new Int32Array(size)),
    at: decodeDeltas(rows.at, new Float64Array(size)),
    msg: decodeDeltas(rows.msg, new Int32Array(size)),
    kind: decodePlain(rows.kind, new Uint8Array(size)),
    lane: toLanes(decodePlain(rows.process, new Int32Array(size))),
    peerLane: toLanes(decodePlain(rows.peer, new Int32Array(size))),
    place: decodePlain(rows.place, new Int32Array(size)),
    conn: decodePlain(rows.conn, new Int32Array(size)),
    value: decodePlain(rows.value, new Float64Array(size)),
    detail: decodePlain(rows.detail, new Float64Array(size)),
    note: decodePlain(rows.note, new Int32Array(size)),
  };
}
