import type { ByteStream, Host, Timer } from "../host.ts";
import type { Micros } from "../time.ts";

/** What the timers of a connection lead to. */
export interface KeepaliveOwner {
  heartbeat(): void;
  /** Nothing was read for too long. */
  readExpired(): void;
  /** Nothing could be written for too long. */
  writeExpired(): void;
}

/** Deadline of a read: so many heartbeat intervals (protocol §7). */
const READ_INTERVALS = 2;

/** Heartbeats and deadlines of one connection (protocol §7). */
export class Keepalive {
  private readonly host: Host;
  private readonly stream: ByteStream;
  private readonly owner: KeepaliveOwner;
  /** 0: no heartbeats, no deadlines. */
  private interval: Micros = 0;
  /** Of the ticker, which only the first IDENTIFY changes. */
  private beatInterval: Micros = 0;
  private nextBeat: Micros = 0;
  private readDeadline: Micros = Infinity;
  private readArmedFor: Micros = Infinity;
  private readTimer: Timer | null = null;
  private beatTimer: Timer | null = null;
  private writeTimer: Timer | null = null;
  private readonly beat = (): void => this.heartbeat();
  private readonly readDue = (): void => this.checkRead();

  constructor(host: Host, stream: ByteStream, owner: KeepaliveOwner) {
    this.host = host;
    this.stream = stream;
    this.owner = owner;
  }

  /** Starts the heartbeats anew, counting from now. */
  startHeartbeats(interval: Micros, now: Micros): void {
    this.beatTimer?.cancel();
    this.beatTimer = null;
    this.beatInterval = interval;
    this.nextBeat = now + interval;
    if (interval > 0) this.beatTimer = this.host.timer(this.nextBeat, this.beat);
  }

  /** The interval that deadlines are made of. */
  setInterval(interval: Micros): void {
    this.interval = interval;
  }

  /** The server begins to read a command line: the only thing that moves the read deadline. */
  lineBegins(now: Micros): void {
    if (this.interval === 0) {
      this.readDeadline = Infinity;
      return;
    }
    this.readDeadline = now + READ_INTERVALS * this.interval;
    // A timer that is set for earlier looks at the deadline when it fires.
    if (this.readDeadline < this.readArmedFor) this.armRead();
  }

  /** The host stopped taking bytes, or takes them again. */
  writeBlocked(blocked: boolean): void {
    this.writeTimer?.cancel();
    this.writeTimer = null;
    if (!blocked || this.interval === 0) return;
    const { unsentBytes } = this.stream;
    this.writeTimer = this.host.timer(this.host.now() + this.interval, () => {
      if (this.stream.unsentBytes < unsentBytes) this.writeBlocked(true);
      else this.owner.writeExpired();
    });
  }

  stop(): void {
    this.beatTimer?.cancel();
    this.readTimer?.cancel();
    this.writeTimer?.cancel();
    this.readArmedFor = -1;
  }

  private heartbeat(): void {
    this.nextBeat += this.beatInterval;
    const now = this.host.now();
    if (this.nextBeat <= now) this.nextBeat = now + this.beatInterval;
    this.beatTimer = this.host.timer(this.nextBeat, this.beat);
    this.owner.heartbeat();
  }

  private armRead(): void {
    this.readTimer?.cancel();
    this.readArmedFor = this.readDeadline;
    this.readTimer = this.host.timer(this.readDeadline, this.readDue);
  }

  private checkRead(): void {
    this.readArmedFor = Infinity;
    if (this.readDeadline === Infinity) return;
    if (this.host.now() >= this.readDeadline) this.owner.readExpired();
    else this.armRead();
  }
}
