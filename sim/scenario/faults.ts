import { EVENT_KINDS } from "../history.ts";
import { duration } from "./duration.ts";
import { fields, flag, integer, isRecord, list, number, pick, refine, word, type Check } from "./shape.ts";
import type { FaultAction, FaultSpec } from "./types.ts";

const DIRECTIONS = ["both", "forward", "backward"];

/** The shape of `faults`. `processes` are the names a fault may strike. */
export function faultsShape(processes: readonly string[], observed: readonly string[], durationMs: number): Check {
  const fault = refine(
    fields({ trigger: triggerShape(observed), do: actionShape(processes) }),
    ({ trigger }: FaultSpec, path, problems) => {
      if ("atMs" in trigger && trigger.atMs >= durationMs)
        problems.push({
          path: `${path}.trigger.atMs`,
          value: trigger.atMs,
          expected: `a time before the faults are healed at durationMs, ${durationMs}`,
        });
    },
  );
  return list(fault);
}

function triggerShape(observed: readonly string[]): Check {
  const ms = number(0);
  const byTime = fields({ atMs: ms }, { repeat: fields({ everyMs: number(0.001), times: integer(1, 1_000_000) }) });
  const event = fields(
    { kind: word(EVENT_KINDS, "an event of the history") },
    { process: word(observed, "a process of the scenario"), nth: integer(1) },
  );
  const byEvent = fields({ after: event }, { delayMs: ms, repeat: fields({ times: integer(1) }) });
  return pick((value) => {
    if (!isRecord(value)) return null;
    if ("atMs" in value) return byTime;
    return "after" in value ? byEvent : null;
  }, "a trigger: an object with atMs, or with after");
}

const kind: Check = () => {};

function actionShape(processes: readonly string[]): Check {
  const process = word(processes, "a process of the scenario");
  const link = refine(pair(process), ([first, second]: readonly [string, string], path, problems) => {
    if (first === second) problems.push({ path, value: [first, second], expected: "two different processes" });
  });
  const direction = word(DIRECTIONS, "a direction");
  const forMs = number(0);
  const restart = { restartAfterMs: number(0) };
  const actions: Readonly<Record<FaultAction["kind"], Check>> = {
    kill: fields({ kind, process }, { ...restart, powerLoss: flag }),
    stop: fields({ kind, process }, restart),
    pause: fields({ kind, process, forMs }),
    block: fields({ kind, process, forMs }),
    partition: fields({ kind, link }, { direction, forMs }),
    stall: fields({ kind, link, forMs }, { direction }),
    cut: fields({ kind, link, forMs }, { direction }),
    reset: fields({ kind, link }),
    "half-open": fields({ kind, link }),
    latency: fields({ kind, link, latency: duration }, { forMs }),
    "clock-step": fields({ kind, process, byMs: number(-Number.MAX_SAFE_INTEGER) }),
  };
  const names = Object.keys(actions);
  const unknown = fields({ kind: word(names, "a fault") }, anything(["process", "link", "forMs", "direction"]));
  return pick(
    (value) => {
      if (!isRecord(value)) return null;
      const { kind: name } = value;
      return typeof name === "string" && names.includes(name) ? actions[name as FaultAction["kind"]] : unknown;
    },
    `a fault: an object whose kind is one of ${names.join(", ")}`,
  );
}

/** Fields whose shape is not known, because the kind of the whole is not. */
function anything(names: readonly string[]): Readonly<Record<string, Check>> {
  const more = [...names, "restartAfterMs", "latency", "byMs", "powerLoss"];
  return Object.fromEntries(more.map((name) => [name, (): void => {}]));
}

function pair(item: Check): Check {
  return (value, path, problems) => {
    if (!Array.isArray(value) || value.length !== 2)
      problems.push({ path, value, expected: "a link: the names of two processes" });
    else list(item)(value, path, problems);
  };
}
