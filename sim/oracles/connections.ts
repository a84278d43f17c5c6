import type { Micros } from "../../core/time.ts";
import type { Intervals } from "./intervals.ts";
import type { Place } from "./places.ts";
import type { ProcessLife } from "./processes.ts";

/** One connection of a client, as its own process sees it. */
export class Connection {
  /** Position in `Lives.connections`. */
  readonly index: number;
  /** Numbers of the names of the two processes. */
  readonly client: number;
  readonly nsqd: number;
  readonly number: number;
  /** Row of `connect`, or the first row that names it. */
  readonly openRow: number;
  readonly openedAt: Micros;
  readonly clientLife: ProcessLife;
  readonly nsqdLife: ProcessLife;
  readonly link: Intervals;
  /** Longest one-way trip of a command or message when nothing disturbs it. */
  readonly travelMax: Micros;
  readonly bufferMax: Micros;
  /** See `ConsumerTerms.isBounded`. */
  readonly isBounded: boolean;

  place: Place | null = null;
  /** The msg timeout that nsqd confirmed. */
  msgTimeout: Micros;
  /** Row after which nothing is known to pass any more: close, a kill of either end, or a fault that breaks it. */
  endRow = -1;
  endAt: Micros = Infinity;
  /** The client saw it close, or is gone itself. */
  isClosed = false;
  /** Faults that hold its bytes or one of its processes now. */
  held: number;
  /** RDY as sent: instants and counts. */
  readonly rdyAt: Micros[] = [];
  readonly rdyCount: number[] = [];
  rdy = 0;
  /** Deliveries not answered here; nsqd may have taken some back at their deadline. */
  unanswered = 0;
  /** As {@link unanswered}, without those whose deadline may have passed when this was last needed. */
  inFlight = 0;
  /** Newest of the deliveries counted by {@link inFlight}, or -1: head of a list. */
  newest = -1;

  constructor(
    index: number,
    client: number,
    nsqd: number,
    number: number,
    openRow: number,
    openedAt: Micros,
    lives: { readonly client: ProcessLife; readonly nsqd: ProcessLife; readonly link: Intervals },
    bounds: {
      readonly travelMax: Micros;
      readonly bufferMax: Micros;
      readonly isBounded: boolean;
      readonly msgTimeout: Micros;
    },
  ) {
    this.index = index;
    this.client = client;
    this.nsqd = nsqd;
    this.number = number;
    this.openRow = openRow;
    this.openedAt = openedAt;
    this.clientLife = lives.client;
    this.nsqdLife = lives.nsqd;
    this.link = lives.link;
    this.travelMax = bounds.travelMax;
    this.bufferMax = bounds.bufferMax;
    this.isBounded = bounds.isBounded;
    this.msgTimeout = bounds.msgTimeout;
    this.held = lives.link.open + holdsOf(lives.client) + holdsOf(lives.nsqd);
  }

  /** The client was not told that it ended, and runs. */
  get isBelieved(): boolean {
    return this.endRow >= 0 && !this.isClosed && this.clientLife.alive;
  }

  get ready(): boolean {
    return this.endRow < 0 && this.held === 0 && this.rdy > this.unanswered;
  }

  /** True when its bytes may have been held or lost at some instant of [from, to]. */
  disturbed(from: Micros, to: Micros): boolean {
    return this.lastDisturbance(from, to) !== -1;
  }

  /** End of the last such hold, Infinity while it lasts, -1 when there is none. */
  lastDisturbance(from: Micros, to: Micros): Micros {
    const { link, clientLife, nsqdLife } = this;
    return Math.max(link.lastEnd(from, to), clientLife.away.lastEnd(from, to), nsqdLife.away.lastEnd(from, to));
  }

  /** Latest instant at which something sent at `at` arrives, if the connection lives that long. */
  arrivalHigh(at: Micros): Micros {
    let from = at;
    for (;;) {
      const to = from + this.travelMax;
      const held = this.lastDisturbance(from, to);
      // A hold that ends exactly where the next trip begins is over.
      if (held === -1 || held <= from) return to;
      if (held === Infinity) return Infinity;
      from = held;
    }
  }

  /** True when what was sent at `at` has certainly arrived by `now`: nothing can have broken the connection before. */
  arrived(at: Micros, now: Micros): boolean {
    const arrival = this.arrivalHigh(at);
    // The end shows here one trip after nsqd's side has gone.
    const certain = arrival + this.travelMax;
    return certain < this.endAt && certain <= now;
  }
}

function holdsOf({ freezes, slowed }: ProcessLife): number {
  return freezes + slowed;
}
