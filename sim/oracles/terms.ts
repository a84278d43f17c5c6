import { parseClientConfig, type ClientConfig } from "../../core/client/config.ts";
import { parseNsqdOptions, type NsqdOptions } from "../../core/nsqd/options.ts";
import { MILLISECOND, msToMicros, SECOND, type Micros } from "../../core/time.ts";
import type { Evidence } from "../result.ts";
import type { ConsumerSpec, DurationSpec } from "../scenario/types.ts";

export const DEFAULT_LATENCY: DurationSpec = { uniform: [1, 5] };
export const DEFAULT_SEND_BUFFER = 262_144;
const DEFAULT_BODY = 64;
/** Socket buffers that are smaller than a full RDY fill up with redeliveries too: so many times a full RDY. */
const BACKLOG_WINDOWS = 4;
/** Frame header, timestamp, attempts and id (protocol §3), and a generous FIN or REQ on the way back. */
const FRAME_OVERHEAD = 34 + 64;
/** nsqd looks at a channel's deadlines this often, and at the list of channels that often (nsqd-semantics §3). */
const SCAN_INTERVAL: Micros = 100 * MILLISECOND;
const SCAN_REFRESH: Micros = 5 * SECOND;
/** With more channels than one round looks at, lateness has no bound; this share of the waits may exceed ours. */
const LOTTERY_MISS = 1e-9;

/**
 * What the settings of a run allow: how long bytes travel, how long nsqd may hold or forget to look.
 * Client-visible evidence is judged with these bounds and no others.
 */
export interface Terms {
  /** One way over an undisturbed link. Over TCP: 0, and the slack. */
  readonly latencyMin: Micros;
  readonly latencyMax: Micros;
  readonly slack: Micros;
  readonly nsqds: ReadonlyMap<string, NsqdTerms>;
  readonly consumers: ReadonlyMap<string, ConsumerTerms>;
}

export interface NsqdTerms {
  readonly options: NsqdOptions;
  /** The options with some changed, in flag spelling. */
  readonly changed: (changes: Flags) => NsqdOptions;
}

export type Flags = Readonly<Record<string, string | number | boolean>>;

export interface ConsumerTerms {
  readonly spec: ConsumerSpec;
  readonly config: ClientConfig;
  readonly maxInFlight: number;
  /** Longest a command or a message takes over an undisturbed link, waits for a window of the socket included. */
  readonly travelMax: Micros;
  /** False: what a slow client left unread may hold up more than that, so that a delivery does not tell when it was sent. */
  readonly isBounded: boolean;
  /** Longest nsqd keeps a message in the output buffer of a connection (protocol §9). */
  readonly bufferMax: Micros;
}

export function readTerms(evidence: Evidence): Terms {
  const { scenario, slackUs } = evidence;
  const inSim = evidence.world === "sim";
  const latency = scenario.network?.latency ?? DEFAULT_LATENCY;
  const latencyMin = inSim ? shortest(latency) : 0;
  const latencyMax = (inSim ? longest(latency) : 0) + slackUs;
  const nsqds = new Map<string, NsqdTerms>();
  for (const spec of scenario.nsqd) {
    const changed = (changes: Flags): NsqdOptions => {
      const options = parseNsqdOptions({ ...spec.options, ...changes });
      const { profile = options.profile, lookupd = options.lookupdTcpAddresses } = spec;
      return { ...options, profile, lookupdTcpAddresses: lookupd };
    };
    nsqds.set(spec.name, { options: changed({}), changed });
  }
  const consumers = new Map<string, ConsumerTerms>();
  const sendBuffer = (inSim ? scenario.network?.sendBufferBytes : undefined) ?? DEFAULT_SEND_BUFFER;
  for (const spec of scenario.consumers) {
    const config = parseClientConfig(spec.config ?? {});
    const maxInFlight = spec.maxInFlight ?? config.maxInFlight;
    const windows = Math.floor((maxInFlight * (largestBody(evidence) + FRAME_OVERHEAD)) / sendBuffer);
    const travelMax = latencyMax * (1 + 2 * BACKLOG_WINDOWS * windows);
    const isBounded = windows === 0;
    const nsqd = nsqds.get(spec.nsqd[0] ?? scenario.nsqd[0]!.name)?.options;
    consumers.set(spec.name, { spec, config, maxInFlight, travelMax, isBounded, bufferMax: bufferMax(config, nsqd) });
  }
  return { latencyMin, latencyMax, slack: slackUs, nsqds, consumers };
}

/** Longest draw of a duration. */
export function longest(spec: DurationSpec): Micros {
  if (typeof spec === "number") return msToMicros(spec);
  return msToMicros("uniform" in spec ? spec.uniform[1] : spec.exponential.maxMs);
}

/**
 * How late after its instant a deadline or a delay may be noticed. `exact`: at once. `nsqd-1.3`: the next scan; a
 * channel younger than the last refresh waits for the refresh; beyond 20 channels the lottery bound holds for all but
 * one wait in 10^9.
 *
 * @param channels that the nsqd has
 */
export function noticeBound(options: NsqdOptions, due: Micros, created: Micros, channels: number): Micros {
  if (options.profile === "exact") return 0;
  const picks = Math.min(options.queueScanSelectionCount, channels);
  const rounds = picks >= channels ? 1 : Math.ceil(Math.log(LOTTERY_MISS) / Math.log(1 - picks / channels));
  return Math.max(0, created + SCAN_REFRESH + SCAN_INTERVAL - due) + rounds * SCAN_INTERVAL;
}

function shortest(spec: DurationSpec): Micros {
  if (typeof spec === "number") return msToMicros(spec);
  return "uniform" in spec ? msToMicros(spec.uniform[0]) : 0;
}

function largestBody(evidence: Evidence): number {
  let largest = DEFAULT_BODY;
  for (const producer of evidence.scenario.producers) {
    for (const { bodyBytes } of producer.workload) largest = Math.max(largest, bodyBytes ?? 0);
  }
  return largest;
}

function bufferMax(config: ClientConfig, nsqd: NsqdOptions | undefined): Micros {
  if (config.outputBufferSize === -1) return 0;
  if (config.outputBufferTimeout > 0) return config.outputBufferTimeout;
  // Without a timer buffered messages leave with the next heartbeat.
  return config.outputBufferTimeout === 0 && nsqd !== undefined ? nsqd.outputBufferTimeout : config.heartbeatInterval;
}
