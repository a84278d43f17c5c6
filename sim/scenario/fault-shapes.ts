import { setting } from "./clients.ts";
import { duration } from "./duration.ts";
import type { ClockFault, DiscoveryFault, DiskFault, FaultAction, LinkFault, ProcessFault } from "./fault-action.ts";
import {
  fields,
  flag,
  integer,
  isRecord,
  list,
  number,
  pick,
  refine,
  table,
  text,
  word,
  type Check,
  type Problem,
} from "./shape.ts";

/** Whom faults may strike. */
export interface FaultNames {
  readonly processes: readonly string[];
  readonly nsqds: readonly string[];
  readonly nsqlookupds: readonly string[];
  /** Producers and consumers. */
  readonly clients: readonly string[];
}

/** What clients send, and what nsqd sends: protocol §2, §3. */
const COMMANDS = ["IDENTIFY", "AUTH", "SUB", "PUB", "MPUB", "DPUB", "RDY", "FIN", "REQ", "TOUCH", "CLS", "NOP"];
const FRAMES = ["OK", "CLOSE_WAIT", "_heartbeat_", "response", "error", "message"];

/** A tenth: no clock is worse, and beyond it bounds on time say little. */
const MAX_PPM = 100_000;

type Ending = Extract<ProcessFault, { kind: "kill" | "stop" }>;

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

function processShapes({ processes, nsqds }: FaultNames): Shapes<ProcessFault> {
  const process = word(processes, "a process of the scenario");
  const restartWith = fields({}, { options: table(setting, null, ""), emptyDisk: flag });
  const restart = { restartAfterMs: number(0), restartWith };
  const kill = fields({ kind, process }, { ...restart, powerLoss: flag, tornTail: flag });
  const stop = fields({ kind, process }, { ...restart, graceMs: number(0) });
  const changesNsqd = (action: Ending, path: string, problems: Problem[]): void => {
    if (action.restartWith === undefined || nsqds.includes(action.process)) return;
    problems.push({ path: `${path}.restartWith`, value: action.restartWith, expected: "an nsqd to be the process" });
  };
  return {
    kill: refine(kill, (action: Ending, path, problems) => {
      changesNsqd(action, path, problems);
      if (action.kind === "kill" && action.tornTail === true && action.powerLoss !== true)
        problems.push({ path: `${path}.tornTail`, value: true, expected: "powerLoss: true beside it" });
    }),
    stop: refine(stop, changesNsqd),
    pause: fields({ kind, process, forMs }),
    block: fields({ kind, process, forMs }),
    slow: fields({ kind, process, factor: number(1, 1_000_000) }, { forMs }),
  };
}

function linkShapes({ processes, nsqds, clients }: FaultNames): Shapes<LinkFault> {
  const link = refine(
    pair(word(processes, "a process of the scenario")),
    ([first, second]: readonly [string, string], path, problems) => {
      if (first === second) problems.push({ path, value: [first, second], expected: "two different processes" });
    },
  );
  const direction = word(["both", "forward", "backward"], "a direction");
  const oneWay = word(["forward", "backward"], "one direction");
  const cutAtByte = fields({ kind, link, direction: oneWay, bytes: integer(1) });
  const cutAtUnit = refine(
    fields(
      { kind, link, direction: oneWay, command: text(/./, "a command or a frame") },
      { nth: integer(1), passes: flag },
    ),
    (action: Extract<LinkFault, { readonly command: string }>, path, problems) => {
      const [from, to] = action.direction === "forward" ? action.link : [action.link[1], action.link[0]];
      const isToNsqd = clients.includes(from) && nsqds.includes(to);
      if (!isToNsqd && !(nsqds.includes(from) && clients.includes(to)))
        problems.push({
          path: `${path}.link`,
          value: action.link,
          expected: "a client and an nsqd: others send no commands",
        });
      else
        word(isToNsqd ? COMMANDS : FRAMES, isToNsqd ? "a command" : "a frame")(
          action.command,
          `${path}.command`,
          problems,
        );
    },
  );
  return {
    partition: fields({ kind, link }, { direction, forMs }),
    stall: fields({ kind, link, forMs }, { direction }),
    cut: fields({ kind, link, forMs }, { direction }),
    reset: fields({ kind, link }),
    "half-open": fields({ kind, link }),
    latency: fields({ kind, link, latency: duration }, { forMs }),
    "refuse-connect": fields({ kind, link }, { forMs }),
    "hang-connect": fields({ kind, link }, { forMs }),
    bandwidth: fields({ kind, link, bytesPerSecond: number(1) }, { direction, forMs }),
    "cut-after": pick(
      (value) => (isRecord(value) && "command" in value ? cutAtUnit : cutAtByte),
      "a fault: cut-after with bytes, or with command",
    ),
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
  return {
    "clock-step": fields({ kind, process, byMs: number(-Number.MAX_SAFE_INTEGER) }),
    "clock-drift": fields({ kind, process, ppm: integer(-MAX_PPM, MAX_PPM) }, { forMs }),
  };
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
