import { duration } from "./duration.ts";
import type { ClockFault, DiscoveryFault, DiskFault, FaultAction, LinkFault, ProcessFault } from "./fault-action.ts";
import { fields, flag, integer, list, number, refine, word, type Check } from "./shape.ts";

/** Whom faults may strike. */
export interface FaultNames {
  readonly processes: readonly string[];
  readonly nsqds: readonly string[];
  readonly nsqlookupds: readonly string[];
  /** Producers and consumers. */
  readonly clients: readonly string[];
}

/** By kind: the shape of the action. */
type Shapes<Action extends FaultAction> = Readonly<Record<Action["kind"], Check>>;

/** The shape of every action. */
export function faultShapes(names: FaultNames): Shapes<FaultAction> {
  return {
    ...processShapes(names),
    ...linkShapes(names),
    ...diskShapes(names),
    ...clockShapes(names),
    ...discoveryShapes(names),
  };
}

/** Which of the kinds applies is known by now. */
const kind: Check = () => {};

const forMs = number(0);

function processShapes({ processes }: FaultNames): Shapes<ProcessFault> {
  const process = word(processes, "a process of the scenario");
  const restart = { restartAfterMs: number(0) };
  return {
    kill: fields({ kind, process }, { ...restart, powerLoss: flag }),
    stop: fields({ kind, process }, restart),
    pause: fields({ kind, process, forMs }),
    block: fields({ kind, process, forMs }),
  };
}

function linkShapes({ processes }: FaultNames): Shapes<LinkFault> {
  const link = refine(
    pair(word(processes, "a process of the scenario")),
    ([first, second]: readonly [string, string], path, problems) => {
      if (first === second) problems.push({ path, value: [first, second], expected: "two different processes" });
    },
  );
  const direction = word(["both", "forward", "backward"], "a direction");
  return {
    partition: fields({ kind, link }, { direction, forMs }),
    stall: fields({ kind, link, forMs }, { direction }),
    cut: fields({ kind, link, forMs }, { direction }),
    reset: fields({ kind, link }),
    "half-open": fields({ kind, link }),
    latency: fields({ kind, link, latency: duration }, { forMs }),
  };
}

function diskShapes({ nsqds }: FaultNames): Shapes<DiskFault> {
  const process = word(nsqds, "an nsqd of the scenario");
  const on = word(["read", "write", "sync"], "an operation of a disk");
  return {
    "disk-full": fields({ kind, process }, { freeBytes: integer(0), forMs }),
    "disk-error": fields({ kind, process, on }, { forMs }),
    "no-descriptors": fields({ kind, process }, { forMs }),
    "disk-slow": fields({ kind, process, factor: number(1) }, { forMs }),
    "bit-rot": fields({ kind, process, bits: integer(1, 1_000_000) }),
  };
}

function clockShapes({ processes }: FaultNames): Shapes<ClockFault> {
  const process = word(processes, "a process of the scenario");
  return { "clock-step": fields({ kind, process, byMs: number(-Number.MAX_SAFE_INTEGER) }) };
}

function discoveryShapes({ processes, nsqds, nsqlookupds }: FaultNames): Shapes<DiscoveryFault> {
  const process = word(nsqlookupds, "an nsqlookupd of the scenario");
  const of = word([...nsqds, ...nsqlookupds], "a daemon of the scenario");
  const unresolvable = fields({ kind, process: word(processes, "a process of the scenario"), of }, { forMs });
  return {
    "lookup-stale": fields({ kind, process }, { forMs }),
    "lookup-empty": fields({ kind, process }, { forMs }),
    "lookup-fail": fields({ kind, process }, { forMs }),
    "lookup-slow": fields({ kind, process, delayMs: number(0.001) }, { forMs }),
    unresolvable: refine(unresolvable, (action: { process: string; of: string }, path, problems) => {
      if (action.process === action.of)
        problems.push({ path: `${path}.of`, value: action.of, expected: "another process" });
    }),
  };
}

function pair(item: Check): Check {
  return (value, path, problems) => {
    if (!Array.isArray(value) || value.length !== 2)
      problems.push({ path, value, expected: "a link: the names of two processes" });
    else list(item)(value, path, problems);
  };
}
