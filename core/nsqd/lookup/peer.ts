import { assert } from "../../assert.ts";
import type { ByteStream, CloseCause, Host, StreamEvents, Timer } from "../../host.ts";
import { ByteReader, type ByteSink } from "../../protocol/reader.ts";
import { bytesOf, decodeUtf8 } from "../../protocol/text.ts";
import { SECOND } from "../../time.ts";
import { type LookupdInfo, parseLookupdInfo } from "./answers.ts";

const MAGIC = "  V1";
/** For the connection, and for each answer (nsqlookupd §B). */
const DEADLINE = SECOND;

/** What an nsqlookupd is told. */
export interface LookupPeerOwner {
  /** Largest answer in bytes. */
  readonly maxAnswer: number;
  /** IDENTIFY as bytes. */
  identify(): Uint8Array;
  /** The commands, without line ends, that register everything there is. */
  registrations(): readonly string[];
}

/** A command for a connected nsqlookupd, formed when it is its turn. Null: only the connection is wanted. */
export type LookupJob = (() => string) | null;

/**
 * `idle`: connected, nothing under way. `lost`: the connection is gone, but no command has found that out.
 */
type State = "disconnected" | "connecting" | "identifying" | "registering" | "commanding" | "idle" | "lost";

/**
 * nsqd's connection to one nsqlookupd (nsqlookupd §B): one command at a time, each with its deadline. A command without
 * a connection makes one and registers everything first; the command that fails, or finds the connection gone, is
 * dropped with it, because the next connection registers everything anew.
 *
 * Each nsqlookupd is served by itself: unlike in the Go daemon, a dead one does not delay the others.
 */
export class LookupPeer {
  readonly address: string;
  /** Of the last answer to IDENTIFY. */
  info: LookupdInfo | null = null;
  private readonly host: Host;
  private readonly owner: LookupPeerOwner;
  private jobs: LookupJob[] = [];
  /** Under way; undefined: none. */
  private job: LookupJob | undefined;
  private state: State = "disconnected";
  private link: Link | null = null;
  private registrations: readonly string[] = [];
  /** Of them. */
  private registered = 0;
  private deadline: Timer | null = null;
  private isStopped = false;

  constructor(host: Host, address: string, owner: LookupPeerOwner) {
    this.host = host;
    this.address = address;
    this.owner = owner;
  }

  /** Carries out the job after those that wait. */
  do(job: LookupJob): void {
    if (this.isStopped) return;
    this.jobs.push(job);
    this.next();
  }

  /** Drops the connection, for good. Nothing is said: the closed connection says it. */
  stop(): void {
    this.isStopped = true;
    this.deadline?.cancel();
    this.link?.drop();
    this.link = null;
  }

  private next(): void {
    while (this.job === undefined && this.jobs.length > 0 && !this.isStopped) {
      this.job = this.jobs.shift();
      if (this.state === "lost") this.fail("EOF");
      else if (this.state === "idle") this.command();
      else this.connect();
    }
  }

  private connect(): void {
    const { address, host } = this;
    this.state = "connecting";
    host.log("info", `LOOKUP connecting to ${address}`);
    if (!hasPort(address)) return this.fail(`dial tcp: address ${address}: missing or invalid port in address`);
    this.expectWithin();
    this.link = new Link(host, address, this.owner.maxAnswer, {
      opened: () => this.opened(),
      answer: (bytes) => this.answer(bytes),
      gone: (cause) => this.gone(cause),
    });
  }

  private opened(): void {
    assert(this.state === "connecting", "a connection opens once");
    this.state = "identifying";
    this.link!.send(bytesOf(MAGIC));
    this.link!.send(this.owner.identify());
    this.expectWithin();
  }

  private answer(bytes: Uint8Array): void {
    this.deadline?.cancel();
    this.take(bytes);
    this.next();
  }

  private take(bytes: Uint8Array): void {
    switch (this.state) {
      case "identifying":
        return this.identified(bytes);
      case "registering":
        return this.register();
      case "commanding":
        // What it says does not matter: an error closes the connection as well.
        return this.finish("idle");
      case "disconnected":
      case "connecting":
      case "idle":
      case "lost":
        return this.lose("an answer that nobody waits for");
    }
  }

  private identified(bytes: Uint8Array): void {
    const info = parseLookupdInfo(bytes);
    if (info === null) return this.fail(`lookupd returned ${decodeUtf8(bytes.subarray(0, 200))}`);
    this.info = info;
    const { broadcastAddress, httpPort } = info;
    this.host.log("info", `LOOKUPD(${this.address}): peer info ${broadcastAddress} HTTP:${httpPort}`);
    if (broadcastAddress === "") this.host.log("error", `LOOKUPD(${this.address}): no broadcast address`);
    this.registrations = this.owner.registrations();
    this.registered = 0;
    this.state = "registering";
    return this.register();
  }

  private register(): void {
    const command = this.registrations[this.registered];
    if (command === undefined) return this.command();
    this.registered += 1;
    return this.send(command);
  }

  private command(): void {
    assert(this.job !== undefined, "there is a job");
    if (this.job === null) return this.finish("idle");
    this.registrations = [];
    this.state = "commanding";
    return this.send(this.job());
  }

  private send(command: string): void {
    this.host.log("debug", `LOOKUPD(${this.address}): ${command}`);
    this.link!.send(bytesOf(`${command}\n`));
    this.expectWithin();
  }

  private gone(cause: string): void {
    this.lose(cause);
    this.next();
  }

  private lose(cause: string): void {
    this.link?.drop();
    this.link = null;
    if (this.job === undefined) this.state = "lost";
    else this.fail(cause);
  }

  /** The job is dropped. Of those behind it one is enough: it connects anew, which registers everything. */
  private fail(cause: string): void {
    this.host.log("error", `LOOKUPD(${this.address}): ${cause}`);
    this.link?.drop();
    this.link = null;
    this.jobs = this.jobs.slice(-1);
    this.finish("disconnected");
  }

  private finish(state: State): void {
    this.deadline?.cancel();
    this.state = state;
    this.job = undefined;
  }

  private expectWithin(): void {
    this.deadline?.cancel();
    this.deadline = this.host.timer(this.host.now() + DEADLINE, () => this.gone("i/o timeout"));
  }
}

function hasPort(address: string): boolean {
  const port = Number(/^.+:(\d+)$/.exec(address)?.[1]);
  return port >= 1 && port <= 65_535;
}

interface LinkEvents {
  opened(): void;
  /** The bytes are the receiver's. */
  answer(bytes: Uint8Array): void;
  gone(cause: string): void;
}

/** A byte stream of answers, each with its length. After {@link drop} it says nothing more. */
class Link implements StreamEvents, ByteSink {
  private readonly stream: ByteStream;
  private readonly reader = new ByteReader(this);
  private readonly maxAnswer: number;
  private events: LinkEvents | null;
  private body: Uint8Array = new Uint8Array(0);

  constructor(host: Host, address: string, maxAnswer: number, events: LinkEvents) {
    this.maxAnswer = maxAnswer;
    this.events = events;
    this.reader.expectInt32();
    this.stream = host.connect(address, this);
  }

  send(bytes: Uint8Array): void {
    this.stream.write(bytes);
  }

  drop(): void {
    if (this.events === null) return;
    this.events = null;
    this.reader.stop();
    this.stream.destroy();
  }

  opened(): void {
    this.events?.opened();
  }

  data(bytes: Uint8Array): void {
    this.reader.feed(bytes);
  }

  ended(): void {
    this.events?.gone("EOF");
  }

  closed(cause: CloseCause): void {
    this.events?.gone(cause);
  }

  int32(size: number): void {
    if (size < 0 || size > this.maxAnswer) {
      this.events?.gone(`response body size (${size}) is greater than limit (${this.maxAnswer})`);
      return;
    }
    this.body = new Uint8Array(size);
    if (size === 0) this.filled();
    else this.reader.expectBytes(this.body, 0, size);
  }

  filled(): void {
    const { body } = this;
    this.body = new Uint8Array(0);
    this.reader.expectInt32();
    this.events?.answer(body);
  }

  line(): void {
    assert(false, "answers have no lines");
  }

  lineTooLong(): void {
    assert(false, "answers have no lines");
  }
}
