import { assert } from "../../core/assert.ts";
import { Gate } from "./gate.ts";
import type { Lane } from "./lane.ts";
import type { Pipe } from "./pipe.ts";
import type { SimStream } from "./stream.ts";

/** A TCP connection of a link: its two ends and the bytes each of them sends. */
export interface Connection {
  readonly pipes: readonly [Pipe, Pipe];
  readonly ends: readonly [SimStream, SimStream];
}

/** An HTTP exchange under way on a link. */
export interface Exchange {
  /** The connection it runs on was reset. */
  reset(): void;
  /** The process that was to answer is dead. */
  serverDied(): void;
}

/** The link between two processes: a lane each way, and what runs on them. */
export class Link {
  readonly connections = new Set<Connection>();
  readonly exchanges = new Set<Exchange>();
  readonly gate = new Gate();
  private readonly first: string;
  private readonly second: string;
  private readonly fromFirst: Lane;
  private readonly fromSecond: Lane;

  constructor(first: string, second: string, fromFirst: Lane, fromSecond: Lane) {
    this.first = first;
    this.second = second;
    this.fromFirst = fromFirst;
    this.fromSecond = fromSecond;
  }

  /** The lane that leaves this process. */
  from(name: string): Lane {
    assert(name === this.first || name === this.second, `${name} is not an end of ${this.first}-${this.second}`);
    return name === this.first ? this.fromFirst : this.fromSecond;
  }

  /** The lane that reaches this process. */
  to(name: string): Lane {
    assert(name === this.first || name === this.second, `${name} is not an end of ${this.first}-${this.second}`);
    return name === this.first ? this.fromSecond : this.fromFirst;
  }

  /** Both ends of every connection see a reset now. */
  reset(): void {
    for (const connection of this.connections) {
      for (const pipe of connection.pipes) pipe.drop();
      for (const end of connection.ends) end.failed("reset");
    }
    for (const exchange of this.exchanges) exchange.reset();
  }

  /** The ends of this process forget their connections; the other side is not told. */
  forget(name: string): void {
    for (const connection of this.connections)
      for (const end of connection.ends) if (end.processName === name) end.forget();
  }

  /** Bytes sent from now on vanish. Returns what ends it: then the link's connections are reset. */
  cut(lanes: readonly Lane[]): () => void {
    for (const lane of lanes) lane.cuts += 1;
    for (const pipe of this.pipes(lanes)) pipe.cut();
    return () => {
      for (const lane of lanes) lane.cuts -= 1;
      this.reset();
      for (const lane of lanes) if (lane.cuts === 0) lane.releaseHeld();
    };
  }

  /** No more than so many bytes a second pass, each way. Returns what ends it: then what has queued up goes at once. */
  throttle(lanes: readonly Lane[], bytesPerSecond: number): () => void {
    const ends = lanes.map((lane) => lane.throttle.limit(bytesPerSecond));
    return () => {
      for (const end of ends) end();
      for (const pipe of this.pipes(lanes)) pipe.hasten();
    };
  }

  /** Holds the bytes of the connections there are. Returns what lets them go. */
  stall(lanes: readonly Lane[]): () => void {
    const pipes = this.pipes(lanes);
    for (const pipe of pipes) pipe.stall();
    return () => {
      for (const pipe of pipes) pipe.unstall();
    };
  }

  private pipes(lanes: readonly Lane[]): readonly Pipe[] {
    return [...this.connections].flatMap(({ pipes }) => pipes.filter((pipe) => lanes.includes(pipe.lane)));
  }
}
