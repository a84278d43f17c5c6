import { Duration } from "../duration.ts";
import type { DirectionSpec, LinkFault, LinkSpec } from "../scenario/fault-action.ts";
import { AT_ONCE, windowOf, type Effect, type Family } from "./effect.ts";

export interface LinkTargets<Lane extends FaultLane> {
  readonly network: { link(first: string, second: string): FaultLink<Lane> };
}

/** The link between two processes. */
export interface FaultLink<Lane extends FaultLane> {
  readonly connections: { readonly size: number };
  /** The lane that leaves this process. */
  from(process: string): Lane;
  /** Bytes of existing connections are held. Returns what lets them go. */
  stall(lanes: readonly Lane[]): () => void;
  /** Bytes vanish. Returns what ends that and resets the connections. */
  cut(lanes: readonly Lane[]): () => void;
  reset(): void;
}

/** One direction of a link. */
export interface FaultLane {
  /** The latest latency that was set counts, until it is unset. */
  setLatency(latency: Duration): void;
  unsetLatency(latency: Duration): void;
  block(): void;
  unblock(): void;
}

/** Faults of links that need no simulated network. */
export type AnyLinkFault = Extract<LinkFault, { kind: "partition" | "stall" | "cut" | "reset" | "latency" }>;

/** Links hold, lose and delay bytes, and break. */
export function linkFaults<Lane extends FaultLane>({ network }: LinkTargets<Lane>): Family<AnyLinkFault> {
  const linkOf = ([first, second]: LinkSpec): FaultLink<Lane> => network.link(first, second);
  const connected = (spec: LinkSpec, act: (link: FaultLink<Lane>) => Effect) => {
    const link = linkOf(spec);
    return link.connections.size > 0 ? () => act(link) : null;
  };
  const lanes = (spec: LinkSpec, direction?: DirectionSpec): Lane[] => lanesOf(linkOf(spec), spec, direction);
  return {
    partition: ({ link, direction, forMs }) => {
      return () => ({ undo: block(lanes(link, direction)), duration: windowOf(forMs) });
    },
    stall: ({ link: spec, direction, forMs }) =>
      connected(spec, (link) => ({ undo: link.stall(lanes(spec, direction)), duration: windowOf(forMs) })),
    cut: ({ link: spec, direction, forMs }) =>
      connected(spec, (link) => ({ undo: link.cut(lanes(spec, direction)), duration: windowOf(forMs) })),
    latency: ({ link, latency, forMs }) => {
      return () => ({ undo: changeLatency(lanes(link), new Duration(latency)), duration: windowOf(forMs) });
    },
    reset: ({ link: spec }) =>
      connected(spec, (link) => {
        link.reset();
        return AT_ONCE;
      }),
  };
}

/** The lanes that a fault of a link strikes. */
export function lanesOf<Lane extends FaultLane>(
  link: Pick<FaultLink<Lane>, "from">,
  [first, second]: LinkSpec,
  direction: DirectionSpec = "both",
): Lane[] {
  const forward = link.from(first);
  const backward = link.from(second);
  if (direction === "forward") return [forward];
  if (direction === "backward") return [backward];
  return [forward, backward];
}

function block(lanes: readonly FaultLane[]): () => void {
  for (const lane of lanes) lane.block();
  return () => {
    for (const lane of lanes) lane.unblock();
  };
}

function changeLatency(lanes: readonly FaultLane[], latency: Duration): () => void {
  for (const lane of lanes) lane.setLatency(latency);
  return () => {
    for (const lane of lanes) lane.unsetLatency(latency);
  };
}
