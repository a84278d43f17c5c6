import type { FaultAction, LinkSpec } from "./fault-action.ts";
import { fields, integer, list, number, refine, text, word, type Check, type Problem } from "./shape.ts";
import type { FaultSpec, Scenario } from "./types.ts";

/**
 * Every run of a small world, instead of one: what the explorer of `sim/exhaust` may choose.
 *
 * Bytes travel no time. What arrives next, on which connection, and whether time goes on first, is a choice. So is when a
 * fault with the trigger `anytime` strikes.
 */
export interface ExhaustSpec {
  /** Where arrivals are a choice. Elsewhere everything arrives at once. Default: every link of a consumer. */
  readonly links?: readonly LinkSpec[];
  /** Before that, everything arrives at once. Default: when the first workload starts. */
  readonly fromMs?: number;
  /** Time stops where a timer fires, and at every multiple of this: arrivals and faults come then. Default: timers only. */
  readonly tickMs?: number;
  /**
   * How often the network may keep something while time goes on: one direction of one connection, from one instant
   * at which time stops to the next, is once. Default 2.
   */
  readonly holds?: number;
  /**
   * One of the runs: its choices, in their order, by the names of the moves; `-` leaves one open, and one that is not
   * possible then is passed over. What is left open goes as it comes: what can arrive does, then time goes on. Default:
   * everything is left open.
   */
  readonly schedule?: readonly string[];
}

export const DEFAULT_HOLDS = 2;

/** How large a world may be whose every run is wanted. */
const LIMITS = { messages: 6, consumers: 4, nsqds: 2, faults: 3, holds: 20, ticks: 100, schedule: 10_000 } as const;

/** Faults that may strike at any time. The others last for a while, which the choices of the network do better. */
const ANYTIME: readonly FaultAction["kind"][] = ["kill", "stop", "pause", "reset", "half-open", "clock-step"];

export function exhaustShape(processes: readonly string[]): Check {
  const link = refine(list(word(processes, "a process of the scenario")), (names: LinkSpec, path, problems) => {
    if (names.length !== 2 || names[0] === names[1])
      problems.push({ path, value: names, expected: "a link: the names of two processes" });
  });
  return fields(
    {},
    {
      links: list(link),
      fromMs: number(0),
      tickMs: number(0.001),
      holds: integer(0, LIMITS.holds),
      schedule: list(text(/\S/, "the name of a move")),
    },
  );
}

/** What is wrong with the parts of a scenario whose every run is wanted, each of which is right by itself. */
export function checkExhaust(scenario: Scenario, problems: Problem[]): void {
  const { exhaust, faults = [] } = scenario;
  for (const [index, fault] of faults.entries())
    checkTrigger(fault, `faults[${index}]`, exhaust !== undefined, problems);
  if (exhaust === undefined) return;
  const count = (path: string, value: number, limit: number, what: string): void => {
    if (value > limit) problems.push({ path, value, expected: `at most ${limit} ${what}: every run of it is wanted` });
  };
  const workloads = scenario.producers.flatMap(({ workload }) => workload);
  count(
    "producers",
    workloads.reduce((sum, one) => sum + one.count, 0),
    LIMITS.messages,
    "messages",
  );
  count("consumers", scenario.consumers.length, LIMITS.consumers, "consumers");
  count("nsqd", scenario.nsqd.length, LIMITS.nsqds, "nsqds");
  count("faults", faults.length, LIMITS.faults, "faults");
  const ticks = exhaust.tickMs === undefined ? 0 : Math.floor(scenario.durationMs / exhaust.tickMs);
  count("exhaust.tickMs", ticks, LIMITS.ticks, "ticks until durationMs");
  count("exhaust.schedule", exhaust.schedule?.length ?? 0, LIMITS.schedule, "choices");
  for (const [index, { handler }] of scenario.consumers.entries()) {
    const behaviours = "behaviours: the same choices must give the same run";
    if (handler !== undefined && "use" in handler)
      problems.push({ path: `consumers[${index}].handler`, value: handler.use, expected: behaviours });
  }
  // Two runs are taken for one when they differ only in the order of what two processes did by themselves.
  const together = "no such field here: in which order two processes come to it would matter";
  if (scenario.stores !== undefined) problems.push({ path: "stores", value: scenario.stores, expected: together });
  if (scenario.claims?.order !== undefined)
    problems.push({ path: "claims.order", value: scenario.claims.order, expected: together });
  const { latency, fragmentBytes } = scenario.network ?? {};
  const expected = "0: bytes travel no time here, unless a choice keeps them back";
  if (latency !== 0) problems.push({ path: "network.latency", value: latency, expected });
  const whole = "no such field here: what is written at once arrives at once";
  if (fragmentBytes !== undefined)
    problems.push({ path: "network.fragmentBytes", value: fragmentBytes, expected: whole });
  if (exhaust.fromMs !== undefined && exhaust.fromMs >= scenario.durationMs) {
    const end = `a time before the end of the choices at durationMs, ${scenario.durationMs}`;
    problems.push({ path: "exhaust.fromMs", value: exhaust.fromMs, expected: end });
  }
}

function checkTrigger({ trigger, do: action }: FaultSpec, path: string, isOpen: boolean, problems: Problem[]): void {
  if (!("atMs" in trigger)) {
    const expected = "a time: an event happens at another time in every run";
    if (isOpen) problems.push({ path: `${path}.trigger.after`, value: trigger.after.kind, expected });
    return;
  }
  if (trigger.anytime !== true) return;
  const expected = "no such field here: only a scenario with exhaust has faults at any time";
  if (!isOpen) problems.push({ path: `${path}.trigger.anytime`, value: true, expected });
  if (trigger.repeat !== undefined) {
    const once = "no such field here: a fault at any time strikes once";
    problems.push({ path: `${path}.trigger.repeat`, value: trigger.repeat, expected: once });
  }
  if (!ANYTIME.includes(action.kind)) {
    const kinds = `a fault that may strike at any time: one of ${ANYTIME.join(", ")}`;
    problems.push({ path: `${path}.do.kind`, value: action.kind, expected: kinds });
  }
}
