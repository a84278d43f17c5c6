import { assert } from "../../core/assert.ts";
import type { Micros } from "../../core/time.ts";
import { Agenda, type Due } from "../clock.ts";
import { Packet } from "../network/lane.ts";
import { Pipe, RST } from "../network/pipe.ts";
import { TIME, type Chooser, type Moment, type Move, type Parcel } from "./move.ts";
import { StateKey } from "./state-key.ts";

/** Slots of what is on its way; those of the agenda proper are smaller. */
const FIRST_OPEN_SLOT = 0x4000_0000;

/** Where and when the order of things is open. */
export interface Openness {
  readonly from: Micros;
  readonly until: Micros;
  /** Time stops at every multiple of this as well. Null: only where something is due. */
  readonly tick: Micros | null;
  /** Whether arrivals on the link between two processes are a choice. */
  isOpen(from: string, to: string): boolean;
  /** Whose state is meant by the name of a process: those with common state have one. */
  actorOf(process: string): string;
}

/** What is on its way. */
interface Arrival {
  readonly slot: number;
  readonly name: string;
  readonly target: Pipe | Packet;
  readonly isOpen: boolean;
}

interface Offer {
  readonly name: string;
  readonly processes: readonly string[];
  readonly what: Due & { isPossible(): boolean };
}

/** Told when the network keeps something while time goes on, and when that has arrived. */
export type HoldHook = (from: string, to: string, phase: 0 | 1) => void;

/**
 * An agenda that asks what happens next. The network's entries have no instant: each is there to arrive at any moment,
 * and only in the order of its connection. Everything else keeps its instant. All that is due at an instant happens, then
 * everything that is not a choice arrives, then a {@link Chooser} decides between what can arrive, what can strike, and
 * letting time go on to the next instant.
 */
export class OpenAgenda extends Agenda implements Moment {
  /** Names the state by what has happened, up to the order of what is independent. */
  readonly key: StateKey;
  private readonly openness: Openness;
  private readonly chooser: Chooser;
  private readonly onHold: HoldHook;
  /** By name. */
  private arrivals: Arrival[] = [];
  private offers: Offer[] = [];
  private nextSlot = FIRST_OPEN_SLOT;
  private readonly packets = new Map<string, number>();
  private readonly held = new Set<Pipe | Packet>();

  constructor(openness: Openness, chooser: Chooser, onHold: HoldHook) {
    super();
    this.openness = openness;
    this.chooser = chooser;
    this.onHold = onHold;
    this.key = new StateKey();
  }

  override add(at: Micros, target: Due): number {
    if (!(target instanceof Pipe) && !(target instanceof Packet)) return super.add(at, target);
    const slot = this.nextSlot;
    this.nextSlot += 1;
    const { from, to } = target.lane;
    const arrival = { slot, name: this.nameOf(target), target, isOpen: this.openness.isOpen(from, to) };
    let place = this.arrivals.length;
    while (place > 0 && this.arrivals[place - 1]!.name > arrival.name) place -= 1;
    this.arrivals.splice(place, 0, arrival);
    return slot;
  }

  override cancel(slot: number): void {
    if (slot < FIRST_OPEN_SLOT) {
      super.cancel(slot);
      return;
    }
    const arrival = this.arrivals.find((one) => one.slot === slot);
    assert(arrival !== undefined, "what is cancelled is on its way");
    this.take(arrival);
  }

  /** It may happen at any moment at which it is possible, once. `processes` are those that it strikes. */
  offer(name: string, processes: readonly string[], what: Offer["what"]): void {
    const same = this.offers.filter((one) => one.name === name || one.name.startsWith(`${name} #`)).length;
    this.offers.push({ name: same === 0 ? name : `${name} #${same + 1}`, processes, what });
  }

  override step(): void {
    if (this.length > 0 && this.next <= this.now) {
      super.step();
      return;
    }
    const { isExploring } = this;
    for (const arrival of this.arrivals) {
      if (arrival.target instanceof Packet && arrival.target.cancelled) {
        this.take(arrival);
        return;
      }
      if (isExploring && arrival.isOpen) continue;
      this.arrive(arrival);
      return;
    }
    if (isExploring) this.perform(this.chooser.choose(this.moves(), this));
    else super.step();
  }

  /** The instant after a move. */
  after(move: Move): Micros {
    if (move.kind !== "time") return this.now;
    const { tick } = this.openness;
    return tick === null ? this.next : Math.min(this.next, (Math.floor(this.now / tick) + 1) * tick);
  }

  parcel(move: Move): Parcel {
    const { target } = this.arrivalOf(move);
    const { from, to } = target.lane;
    return { from, to, bytes: target instanceof Pipe ? target.first : null };
  }

  private get isExploring(): boolean {
    return this.now >= this.openness.from && this.now < this.openness.until;
  }

  private moves(): Move[] {
    const actors = (processes: readonly string[]): string[] => processes.map((one) => this.openness.actorOf(one));
    const moves = this.arrivals.map(({ name, target }): Move => ({
      kind: "arrival",
      name,
      actors: actors(processesOf(target)),
      cost: 0,
    }));
    const cost = moves.length;
    for (const { name, processes, what } of this.offers)
      if (what.isPossible()) moves.push({ kind: "fault", name, actors: actors(processes), cost: 1 });
    moves.push({ kind: "time", name: TIME, actors: null, cost });
    return moves;
  }

  private perform(move: Move): void {
    const after = this.after(move);
    this.key.mix(move, after);
    if (move.kind === "time") {
      for (const { target } of this.arrivals) this.hold(target);
      if (after === this.next) super.step();
      else this.now = after;
      return;
    }
    if (move.kind === "arrival") {
      this.arrive(this.arrivalOf(move));
      return;
    }
    const offer = this.offers.find(({ name }) => name === move.name)!;
    this.offers = this.offers.filter((one) => one !== offer);
    this.dispatched += 1;
    offer.what.due();
  }

  private arrivalOf(move: Move): Arrival {
    const arrival = this.arrivals.find(({ name }) => name === move.name);
    assert(arrival !== undefined, `${move.name} can arrive`);
    return arrival;
  }

  private arrive(arrival: Arrival): void {
    this.take(arrival);
    this.dispatched += 1;
    arrival.target.due();
  }

  private take(arrival: Arrival): void {
    this.arrivals.splice(this.arrivals.indexOf(arrival), 1);
    const { target } = arrival;
    if (!this.held.delete(target)) return;
    this.onHold(target.lane.from, target.lane.to, 0);
  }

  private hold(target: Pipe | Packet): void {
    if (this.held.has(target)) return;
    this.held.add(target);
    this.onHold(target.lane.from, target.lane.to, 1);
  }

  private nameOf(target: Pipe | Packet): string {
    if (target instanceof Pipe) return `${target.from.localAddress}>${target.to.localAddress}`;
    const lane = `${target.lane.from}>${target.lane.to}`;
    const number = (this.packets.get(lane) ?? 0) + 1;
    this.packets.set(lane, number);
    return `${lane} packet ${number}`;
  }
}

/**
 * Bytes change only the process that they reach: what it sends goes behind what is on its way already. A reset makes
 * its receiver drop what it has sent, and a packet that opens a connection changes both ends.
 */
function processesOf(target: Pipe | Packet): readonly string[] {
  const { from, to } = target.lane;
  return target instanceof Pipe && target.first !== RST ? [to] : [from, to];
}
