import type { LogLevel } from "../../core/host.ts";

/** What an operator asks for, over HTTP. Times are milliseconds from the start of the run. */
export type OperationSpec = NsqdOperation | NsqlookupdOperation | TombstoneOperation | ConfigOperation;

/** A topic, or a channel of it, on one nsqd. */
export interface NsqdOperation {
  readonly atMs: number;
  readonly nsqd: string;
  readonly topic: string;
  readonly channel?: string;
  readonly do: "create" | "delete" | "empty" | "pause" | "unpause";
}

/**
 * What one nsqlookupd knows of a topic or channel; no nsqd is told (nsqlookupd §A4). nsqadmin deletes on every nsqlookupd,
 * then on every nsqd that has the topic: an operation each.
 */
export interface NsqlookupdOperation {
  readonly atMs: number;
  readonly lookupd: string;
  readonly topic: string;
  readonly channel?: string;
  readonly do: "create" | "delete";
}

/** One nsqlookupd does not name one nsqd for a topic, for its `tombstone-lifetime` (nsqlookupd §A3). */
export interface TombstoneOperation {
  readonly atMs: number;
  readonly lookupd: string;
  readonly nsqd: string;
  readonly topic: string;
  readonly do: "tombstone";
}

/** PUT /config of an nsqd, until it is started again (nsqd-http §2). */
export interface ConfigOperation {
  readonly atMs: number;
  readonly nsqd: string;
  readonly do: "config";
  readonly set: ConfigSpec;
}

export type ConfigSpec =
  /** Names of the nsqlookupds it registers with from now on. */
  { readonly lookupd: readonly string[] } | { readonly logLevel: LogLevel };
