import { assert } from "../assert.ts";
import type { Host } from "../host.ts";
import type { Random } from "../random.ts";
import type { Micros } from "../time.ts";
import type { ClientConfig } from "./config.ts";

/** A connection, as far as RDY is concerned. The distribution owns `rdy` and `lastRdyAt`. */
export interface RdyTarget {
  /** What the connection's RDY is. */
  rdy: number;
  lastRdyAt: Micros;
  readonly lastMessageAt: Micros;
  /** The server's limit. */
  readonly maxRdyCount: number;
  writeRdy(count: number): void;
}

/**
 * `open`: every connection has its share. `wait`: backoff, none has any. `test`: backoff, one connection may have RDY 1.
 */
type Gate = "open" | "wait" | "test";

/**
 * Shares max-in-flight out among the connections (client semantics §3.4, §3.5). The sum of all RDY never exceeds
 * max-in-flight; in backoff it never exceeds 1.
 *
 * go-nsq can leave a connection without its share for ever. Here every change shares out anew: lowering RDY is always
 * possible, and a connection that closes leaves its share to the others at once. So a connection is without RDY only
 * while connections outnumber max-in-flight, or in backoff; then the next redistribution draws among those at RDY 0,
 * also when the one that held RDY is gone. That is why go-nsq's retry 5 s after "over max in flight" is not needed.
 */
export class RdyDistribution {
  private readonly host: Host;
  private readonly config: ClientConfig;
  private readonly random: Random;
  private readonly targets: RdyTarget[] = [];
  private maxInFlight: number;
  private total = 0;
  private gate: Gate = "open";

  constructor(host: Host, config: ClientConfig) {
    this.host = host;
    this.config = config;
    this.random = host.random("rdy");
    this.maxInFlight = config.maxInFlight;
  }

  /** Sum of RDY over all connections. */
  get sum(): number {
    return this.total;
  }

  /** What each connection gets. */
  share(): number {
    const { length } = this.targets;
    return Math.floor(Math.min(Math.max(1, this.maxInFlight / length), this.maxInFlight));
  }

  /** A connection has subscribed; its RDY is 0. The others make room first. */
  add(target: RdyTarget): void {
    assert(target.rdy === 0, "a new connection has RDY 0");
    this.targets.push(target);
    if (this.gate === "open") this.shareOut();
  }

  /** A connection is gone. */
  remove(target: RdyTarget): void {
    const index = this.targets.indexOf(target);
    if (index < 0) return;
    this.targets.splice(index, 1);
    this.total -= target.rdy;
    target.rdy = 0;
    if (this.gate === "open") this.shareOut();
    this.check();
  }

  /** 0 pauses. */
  setMaxInFlight(maxInFlight: number): void {
    if (maxInFlight === this.maxInFlight) return;
    this.maxInFlight = maxInFlight;
    if (this.gate === "open") {
      const share = this.share();
      for (const target of this.targets) if (target.rdy > share) this.update(target, share);
    }
    while (this.total > maxInFlight) this.takeOne();
    if (this.gate === "open") this.shareOut();
  }

  /** A backoff wait begins: RDY 0 for all. */
  hold(): void {
    this.gate = "wait";
    for (const target of this.targets) this.update(target, 0);
    assert(this.total === 0, "nothing may be delivered during a backoff wait");
  }

  /** A backoff wait is over: RDY 1 for one connection. False when none can have it. */
  test(): boolean {
    assert(this.gate === "wait", "a test follows a wait");
    if (this.targets.length === 0 || this.maxInFlight === 0) return false;
    this.gate = "test";
    this.update(this.targets[this.random.integer(0, this.targets.length - 1)]!, 1);
    return true;
  }

  /** Backoff is over: every connection has its share again. */
  release(): void {
    this.gate = "open";
    this.shareOut();
  }

  /** Called every `rdy_redistribute_interval`. */
  redistribute(): void {
    if (this.gate === "wait" || this.targets.length === 0) return;
    const limit = this.gate === "test" ? Math.min(1, this.maxInFlight) : this.maxInFlight;
    const scarce = this.targets.length > limit;
    if (!scarce && this.total > 0) return;
    const now = this.host.now();
    for (const target of this.targets) {
      const idle = now - target.lastMessageAt > this.config.lowRdyIdleTimeout;
      const held = now - target.lastRdyAt > this.config.lowRdyTimeout;
      if (target.rdy > 0 && (idle || held)) this.update(target, 0);
    }
    const candidates = this.targets.filter((target) => target.rdy === 0);
    for (let available = limit - this.total; available > 0 && candidates.length > 0; available -= 1) {
      const [chosen] = candidates.splice(this.random.integer(0, candidates.length - 1), 1);
      this.update(chosen!, 1);
    }
    this.check();
  }

  private shareOut(): void {
    const share = this.share();
    for (const target of this.targets) this.update(target, share);
    this.check();
  }

  /** Gives a connection `wanted`, or what is left of it. */
  private update(target: RdyTarget, wanted: number): void {
    let count = Math.min(wanted, target.maxRdyCount);
    if (count > target.rdy) {
      const possible = this.maxInFlight - this.total + target.rdy;
      count = Math.max(target.rdy, Math.min(count, possible));
    }
    if (count === 0 && target.rdy === 0) return;
    const changed = count !== target.rdy;
    this.total += count - target.rdy;
    target.rdy = count;
    target.lastRdyAt = this.host.now();
    if (changed) target.writeRdy(count);
  }

  /** Lowers the first connection that holds RDY by one. */
  private takeOne(): void {
    const target = this.targets.find((candidate) => candidate.rdy > 0);
    assert(target !== undefined, "the sum of RDY is the sum over the connections");
    this.update(target, target.rdy - 1);
  }

  private check(): void {
    assert(this.total >= 0, "the sum of RDY is not negative");
    assert(this.total <= this.maxInFlight, `sum of RDY ${this.total} within max-in-flight ${this.maxInFlight}`);
    assert(this.gate === "open" || this.total <= 1, "in backoff one message at a time");
  }
}
