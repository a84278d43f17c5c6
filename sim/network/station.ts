import type { Exchange } from "./link.ts";
import type { SimStream } from "./stream.ts";

/** A call into a program, as one step of it. */
export interface Call {
  run(): void;
  /** Bytes that it will read. Default 0. */
  readonly unreadBytes?: number;
}

/** A process as the network sees it: it takes calls now, later when it is frozen, or never when it is dead. */
export interface Station {
  readonly name: string;
  /** Ends of connections that the program has open. */
  readonly streams: Set<SimStream>;
  /** HTTP exchanges that it was asked to answer. */
  readonly exchanges: Set<Exchange>;
  take(call: Call): void;
}
