import { KIND } from "../../sim/history.ts";
import type { Rows } from "./rows.ts";

/** What travels between two lanes. */
export const FLIGHT = { publish: 0, ok: 1, deliver: 2, finish: 3, requeue: 4 } as const;
export const FLIGHT_NAMES = ["publish", "ok", "deliver", "finish", "requeue"] as const;

/**
 * Everything that travelled, ordered by departure; columns. A flight that never arrived has `lost` 1 and the lane it
 * was going to, or -1 where that is not known. Where only one end was seen (a broker that is not ours) both instants
 * are the same.
 */
export interface Flights {
  readonly count: number;
  readonly kind: Uint8Array;
  readonly msg: Int32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly departs: Float64Array;
  readonly arrives: Float64Array;
  readonly lost: Uint8Array;
  /** Not the ordinary course of things: lost, refused, a redelivery, a requeue. Never hidden by aggregation. */
  readonly odd: Uint8Array;
  /** Row of the departure, or of the arrival where the departure was not seen. */
  readonly row: Int32Array;
  /** Largest arrival among the flights up to this one: what a window query starts from. */
  readonly latest: Float64Array;
}

class FlightList {
  readonly kind: number[] = [];
  readonly msg: number[] = [];
  readonly from: number[] = [];
  readonly to: number[] = [];
  readonly departs: number[] = [];
  readonly arrives: number[] = [];
  readonly odd: number[] = [];
  readonly row: number[] = [];

  add(kind: number, msg: number, from: number, to: number, departs: number, arrives: number, row: number): number {
    this.kind.push(kind);
    this.msg.push(msg);
    this.from.push(from);
    this.to.push(to);
    this.departs.push(departs);
    this.arrives.push(arrives);
    this.odd.push(0);
    this.row.push(row);
    return this.kind.length - 1;
  }
}

/** Pairs departures with arrivals. Both are in the history when the broker is ours; otherwise the client's end stands for both. */
export function pairFlights(rows: Rows): Flights {
  return new Pairing(rows).run();
}

class Pairing {
  private readonly rows: Rows;
  private readonly list = new FlightList();
  private readonly open = new Map<string, number[]>();
  private readonly acceptedAt = new Map<number, number>();
  private readonly whiteBox: boolean;

  constructor(rows: Rows) {
    this.rows = rows;
    this.whiteBox = rows.kind.includes(KIND["broker-accept"]) || rows.kind.includes(KIND["broker-send"]);
  }

  run(): Flights {
    for (let row = 0; row < this.rows.count; row += 1) this.take(row);
    return sorted(this.list);
  }

  private take(row: number): void {
    const { rows } = this;
    switch (rows.kind[row]!) {
      case KIND.publish:
        return this.depart(FLIGHT.publish, row, 0);
      case KIND["broker-accept"]:
        this.acceptedAt.set(rows.msg[row]!, rows.at[row]!);
        return this.arrive(FLIGHT.publish, row, 0);
      case KIND["publish-ok"]:
        return this.answered(row, false);
      case KIND["publish-error"]:
        return this.answered(row, true);
      case KIND["publish-unknown"]:
        return this.unknown(row);
      case KIND["broker-send"]:
        return this.depart(FLIGHT.deliver, row, rows.value[row]!);
      case KIND.deliver:
        return this.delivered(row);
      case KIND.finish:
        return this.depart(FLIGHT.finish, row, 0);
      case KIND.requeue:
        return this.depart(FLIGHT.requeue, row, 0);
      case KIND["broker-finish"]:
        return this.arrive(FLIGHT.finish, row, 0);
      case KIND["broker-requeue"]:
        return this.arrive(FLIGHT.requeue, row, 0);
      case KIND["answer-error"]:
        return this.refused(row);
      default:
    }
  }

  /** The nsqd's lane is the peer of a client's row and the process of its own. */
  private key(kind: number, row: number, attempts: number): string {
    const { rows } = this;
    const own = rows.kind[row]! >= KIND["broker-accept"];
    const nsqd = own ? rows.lane[row]! : rows.peerLane[row]!;
    const place = kind === FLIGHT.publish ? 0 : rows.place[row]!;
    return `${kind}:${rows.msg[row]!}:${place}:${nsqd * 65_536 + attempts}`;
  }

  private depart(kind: number, row: number, attempts: number): void {
    const { rows } = this;
    const at = rows.at[row]!;
    const arrives = this.whiteBox ? Number.NaN : at;
    const to = kind === FLIGHT.deliver ? -1 : rows.peerLane[row]!;
    const flight = this.list.add(kind, rows.msg[row]!, rows.lane[row]!, to, at, arrives, row);
    if (kind === FLIGHT.requeue || (kind === FLIGHT.deliver && attempts > 1)) this.list.odd[flight] = 1;
    const key = this.key(kind, row, attempts);
    const waiting = this.open.get(key);
    if (waiting === undefined) this.open.set(key, [flight]);
    else waiting.push(flight);
  }

  /**
   * The flight that arrives with this row, or -1: of those that left by the connection that was last used, the
   * oldest. What left earlier by another connection and has not arrived was lost with it.
   */
  private landing(kind: number, row: number, attempts: number): number {
    const key = this.key(kind, row, attempts);
    const waiting = this.open.get(key);
    if (waiting === undefined) return -1;
    const last = this.list.row[waiting.at(-1)!]!;
    const place = waiting.findIndex((flight) => this.sameConnection(this.list.row[flight]!, last));
    const [flight] = waiting.splice(place, 1);
    if (waiting.length === 0) this.open.delete(key);
    return flight!;
  }

  private sameConnection(a: number, b: number): boolean {
    return this.rows.lane[a] === this.rows.lane[b] && this.rows.conn[a] === this.rows.conn[b];
  }

  private arrive(kind: number, row: number, attempts: number): void {
    const flight = this.landing(kind, row, attempts);
    if (flight >= 0) this.list.arrives[flight] = this.rows.at[row]!;
  }

  private delivered(row: number): void {
    const { rows, list } = this;
    const attempts = rows.value[row]!;
    const flight = this.landing(FLIGHT.deliver, row, attempts);
    if (flight >= 0) {
      list.arrives[flight] = rows.at[row]!;
      list.to[flight] = rows.lane[row]!;
      return;
    }
    const at = rows.at[row]!;
    const seen = list.add(FLIGHT.deliver, rows.msg[row]!, rows.peerLane[row]!, rows.lane[row]!, at, at, row);
    if (attempts > 1) list.odd[seen] = 1;
  }

  private answered(row: number, error: boolean): void {
    const { rows, list } = this;
    const at = rows.at[row]!;
    const accepted = this.acceptedAt.get(rows.msg[row]!);
    const publish = error ? this.landing(FLIGHT.publish, row, 0) : -1;
    let turned = accepted ?? at;
    if (publish >= 0) {
      // A refusal leaves no trace on the broker's side: half-way is the best guess.
      turned = (list.departs[publish]! + at) / 2;
      list.arrives[publish] = turned;
      list.odd[publish] = 1;
    }
    const ok = list.add(FLIGHT.ok, rows.msg[row]!, rows.peerLane[row]!, rows.lane[row]!, turned, at, row);
    if (error) list.odd[ok] = 1;
  }

  /** The connection broke: the publish was lost on its way, or its OK was. */
  private unknown(row: number): void {
    const { rows, list } = this;
    const accepted = this.acceptedAt.get(rows.msg[row]!);
    if (accepted === undefined) return;
    list.add(FLIGHT.ok, rows.msg[row]!, rows.peerLane[row]!, rows.lane[row]!, accepted, Number.NaN, row);
  }

  /** An answer that the broker had no use for arrived all the same. */
  private refused(row: number): void {
    const { rows, list } = this;
    for (const kind of [FLIGHT.finish, FLIGHT.requeue]) {
      const flight = this.landing(kind, row, 0);
      if (flight < 0) continue;
      list.arrives[flight] = (list.departs[flight]! + rows.at[row]!) / 2;
      list.odd[flight] = 1;
      return;
    }
  }
}

function sorted(list: FlightList): Flights {
  const count = list.kind.length;
  const order = Array.from({ length: count }, (_, index) => index);
  order.sort((a, b) => list.departs[a]! - list.departs[b]! || a - b);
  const flights: Flights = {
    count,
    kind: Uint8Array.from(order, (index) => list.kind[index]!),
    msg: Int32Array.from(order, (index) => list.msg[index]!),
    from: Int32Array.from(order, (index) => list.from[index]!),
    to: Int32Array.from(order, (index) => list.to[index]!),
    departs: Float64Array.from(order, (index) => list.departs[index]!),
    arrives: Float64Array.from(order, (index) => list.arrives[index]!),
    lost: new Uint8Array(count),
    odd: Uint8Array.from(order, (index) => list.odd[index]!),
    row: Int32Array.from(order, (index) => list.row[index]!),
    latest: new Float64Array(count),
  };
  let latest = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < count; index += 1) {
    if (Number.isNaN(flights.arrives[index]!)) {
      flights.lost[index] = 1;
      flights.odd[index] = 1;
      flights.arrives[index] = flights.departs[index]!;
    }
    latest = Math.max(latest, flights.arrives[index]!);
    flights.latest[index] = latest;
  }
  return flights;
}
