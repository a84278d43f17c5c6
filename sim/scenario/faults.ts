import { EVENT_KINDS } from "../history.ts";
import { faultShapes, type FaultNames } from "./fault-shapes.ts";
import { fields, flag, integer, isRecord, list, number, pick, refine, word, type Check } from "./shape.ts";
import type { FaultAction, FaultSpec } from "./types.ts";

/** The shape of `faults`. `observed` are the names of processes whose events may trigger one. */
export function faultsShape(names: FaultNames, observed: readonly string[], durationMs: number): Check {
  const fault = refine(
    fields({ trigger: triggerShape(observed), do: actionShape(names) }),
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
  const byTime = fields(
    { atMs: ms },
    { repeat: fields({ everyMs: number(0.001), times: integer(1, 1_000_000) }), anytime: flag },
  );
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

function actionShape(names: FaultNames): Check {
  const shapes = faultShapes(names);
  const kinds = Object.keys(shapes);
  // What else it has is not looked at: that depends on the kind.
  const unknownKind: Check = (value, path, problems) => {
    const only = isRecord(value) && "kind" in value ? { kind: value["kind"] } : {};
    fields({ kind: word(kinds, "a fault") })(only, path, problems);
  };
  return pick(
    (value) => {
      if (!isRecord(value)) return null;
      const { kind } = value;
      return typeof kind === "string" && kinds.includes(kind) ? shapes[kind as FaultAction["kind"]] : unknownKind;
    },
    `a fault: an object whose kind is one of ${kinds.join(", ")}`,
  );
}
