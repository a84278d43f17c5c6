import type { DurationSpec } from "./types.ts";

/**
 * What a fault does. Names: `process` any process of the scenario; a link is the pair of two processes, in either order.
 * Where `forMs` may be absent, absent is until the heal.
 */
export type FaultAction = ProcessFault | LinkFault | ClockFault | DiscoveryFault | DiskFault;

/** Two processes; `forward` is from the first to the second. */
export type LinkSpec = readonly [first: string, second: string];

export type DirectionSpec = "both" | "forward" | "backward";

export type ProcessFault =
  /** kill -9. Restarted after `restartAfterMs`, or at the heal when absent and the process is a daemon; a dead client stays dead. */
  | {
      readonly kind: "kill";
      readonly process: string;
      readonly restartAfterMs?: number;
      readonly restartWith?: RestartSpec;
      /** The whole machine goes dark: nobody is told, and nothing reaches it until it is started again. Default false. */
      readonly powerLoss?: boolean;
      /** With `powerLoss`: some of what was not synced has reached the disk, as far as it got. Default false: none of it. */
      readonly tornTail?: boolean;
    }
  /** SIGTERM: nsqd exits cleanly, a consumer or producer stops gracefully. */
  | {
      readonly kind: "stop";
      readonly process: string;
      /** Counted from its exit. */
      readonly restartAfterMs?: number;
      readonly restartWith?: RestartSpec;
      /** kill -9 for what has not exited by then, as an orchestrator does. Default: never. */
      readonly graceMs?: number;
    }
  /** SIGSTOP, then SIGCONT: nothing runs, sockets stay open. */
  | { readonly kind: "pause"; readonly process: string; readonly forMs: number }
  /** The event loop is busy: the process runs nothing for that time, its timers fire late. */
  | { readonly kind: "block"; readonly process: string; readonly forMs: number }
  /**
   * A starved machine: everything the process does takes `factor` times as long, 20 µs for each event it handles and 1 µs
   * for 100 bytes it reads. Otherwise work takes no time. Outlives the process; the latest counts.
   */
  | { readonly kind: "slow"; readonly process: string; readonly factor: number; readonly forMs?: number };

/** What is different when an nsqd is started again. */
export interface RestartSpec {
  /** nsqd options, flag spelling. They hold from then on, for later restarts too. */
  readonly options?: Readonly<Record<string, string | number | boolean>>;
  /** Its disk is lost: it starts with an empty one. Default false. */
  readonly emptyDisk?: boolean;
}

export type LinkFault =
  /** No bytes pass (one direction or both); new connections hang. They are held and arrive after the heal. */
  | { readonly kind: "partition"; readonly link: LinkSpec; readonly direction?: DirectionSpec; readonly forMs?: number }
  /** Bytes of existing connections are held, the link is alive otherwise. */
  | { readonly kind: "stall"; readonly link: LinkSpec; readonly direction?: DirectionSpec; readonly forMs: number }
  /** Bytes sent in the window vanish, then the connections of the link are reset. */
  | { readonly kind: "cut"; readonly link: LinkSpec; readonly direction?: DirectionSpec; readonly forMs: number }
  /** New connections are refused, as by a firewall or a listener that is gone; those there are stay. Acts when one is. */
  | { readonly kind: "refuse-connect"; readonly link: LinkSpec; readonly forMs?: number }
  /** New connections hang until it ends; those there are stay. Acts when one does. */
  | { readonly kind: "hang-connect"; readonly link: LinkSpec; readonly forMs?: number }
  /** No more than so many bytes a second pass, from all connections of the link together, each way. */
  | {
      readonly kind: "bandwidth";
      readonly link: LinkSpec;
      readonly direction?: DirectionSpec;
      readonly bytesPerSecond: number;
      readonly forMs?: number;
    }
  /**
   * A connection is reset when it has sent the last of so many bytes, counted over all connections of the link. Acts
   * then, once.
   */
  | {
      readonly kind: "cut-after";
      readonly link: LinkSpec;
      readonly direction: "forward" | "backward";
      readonly bytes: number;
    }
  /**
   * The same for the `nth` command on the way to nsqd (PUB, FIN, …) or frame on the way from it (OK, message, error, …):
   * what is before it passes; it does itself with `passes`.
   */
  | {
      readonly kind: "cut-after";
      readonly link: LinkSpec;
      readonly direction: "forward" | "backward";
      readonly command: string;
      /** Default 1. */
      readonly nth?: number;
      /** Default false. */
      readonly passes?: boolean;
    }
  /** Every connection of the link is reset, seen by both sides. */
  | { readonly kind: "reset"; readonly link: LinkSpec }
  /** The first process forgets the connections as after a loss of power; the second is not told. */
  | { readonly kind: "half-open"; readonly link: LinkSpec }
  /** Latency of the link from now on. */
  | { readonly kind: "latency"; readonly link: LinkSpec; readonly latency: DurationSpec; readonly forMs?: number };

/** `process` is an nsqd: what its machine's disk does to all its files. All but `bit-rot` act when an operation meets them. */
export type DiskFault =
  /** It takes `freeBytes` more (default 0), then nothing: ENOSPC, and of a write as much as found room. */
  | { readonly kind: "disk-full"; readonly process: string; readonly freeBytes?: number; readonly forMs?: number }
  /** Reads, writes or syncs fail: EIO. */
  | {
      readonly kind: "disk-error";
      readonly process: string;
      readonly on: "read" | "write" | "sync";
      readonly forMs?: number;
    }
  /** No file can be opened: EMFILE. Those that are open can be used. */
  | { readonly kind: "no-descriptors"; readonly process: string; readonly forMs?: number }
  /** Syncs and durable replacements take so many times as long. */
  | { readonly kind: "disk-slow"; readonly process: string; readonly factor: number; readonly forMs?: number }
  /** So many bits of the records on disk turn over. Acts when there are any. */
  | { readonly kind: "bit-rot"; readonly process: string; readonly bits: number };

export type ClockFault =
  /** The wall clock of the process jumps; its monotonic clock does not. */
  | { readonly kind: "clock-step"; readonly process: string; readonly byMs: number }
  /**
   * Both clocks of the process, and so its timers, run so many parts per million too fast, or with a negative number too
   * slow. What they have gained or lost by the end stays. The latest counts.
   */
  | { readonly kind: "clock-drift"; readonly process: string; readonly ppm: number; readonly forMs?: number };

/**
 * `process` of the first four is an nsqlookupd: what it answers to those who ask who is there (/lookup, /channels, /topics,
 * /nodes). They act when an answer is another than it would have been.
 */
export type DiscoveryFault =
  /** It answers as it would have when the fault was laid. */
  | { readonly kind: "lookup-stale"; readonly process: string; readonly forMs?: number }
  /** It answers, and knows nobody. */
  | { readonly kind: "lookup-empty"; readonly process: string; readonly forMs?: number }
  /** It answers status 500. */
  | { readonly kind: "lookup-fail"; readonly process: string; readonly forMs?: number }
  /** It answers so much later. */
  | { readonly kind: "lookup-slow"; readonly process: string; readonly delayMs: number; readonly forMs?: number }
  /** `process` cannot resolve the name of the daemon `of`; connections there are stay. Acts when it wants to connect. */
  | { readonly kind: "unresolvable"; readonly process: string; readonly of: string; readonly forMs?: number };
