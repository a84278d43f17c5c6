import { unreachable } from "../../core/assert.ts";
import type { Run } from "../result.ts";
import type { FaultAction } from "../scenario/types.ts";
import type { Reach, Watchers } from "./marks-of.ts";
import type { Mark } from "./marks.ts";

/** Faults that acted, alone and together. */
export function watchFaults({ scenario, history }: Run, reach: Reach): Watchers {
  const specs = scenario.faults ?? [];
  const nsqds = new Set(scenario.nsqd.map(({ name }) => name));
  let active = 0;
  let healed = false;
  return {
    fault: (row) => {
      if (history.detail[row] !== 1) {
        active -= 1;
        if (healed) reach("fault-until-heal");
        return;
      }
      const spec = specs[history.value[row]!];
      // What the network kept back by a choice is nobody's fault.
      if (spec === undefined) return;
      const { trigger, do: action } = spec;
      for (const mark of marksOfFault(action, "process" in action && nsqds.has(action.process))) reach(mark);
      if ("after" in trigger) reach("fault-by-event");
      if (active > 0) reach("faults-together");
      active += 1;
    },
    process: (row) => {
      if (history.value[row]! > 0) reach("fault-restart-changed");
    },
    phase: (row) => {
      if (history.strings[history.note[row]!] === "heal") healed = true;
    },
    operate: (row) => {
      const what = history.strings[history.note[row]!];
      if (what === "pause" || what === "empty" || what === "delete" || what === "create") reach(`operator-${what}`);
      if (history.value[row]! >= 400) reach("operator-refused");
    },
  };
}

function marksOfFault(action: FaultAction, isNsqd: boolean): Mark[] {
  const whom = isNsqd ? "nsqd" : "client";
  switch (action.kind) {
    case "kill":
      return [`fault-kill-${whom}`, ...(action.powerLoss === true ? ["fault-power-loss" as const] : [])];
    case "pause":
    case "block":
      return [`fault-${action.kind}-${whom}`];
    case "partition":
      return [(action.direction ?? "both") === "both" ? "fault-partition" : "fault-partition-one-way"];
    case "disk-error":
      return [`fault-disk-error-${action.on}`];
    case "clock-drift":
      return [action.ppm < 0 ? "fault-clock-slow" : "fault-clock-fast"];
    case "clock-step":
      return [action.byMs < 0 ? "fault-clock-back" : "fault-clock-forward"];
    case "stop":
      return ["fault-stop", ...(action.graceMs === undefined ? [] : ["fault-stop-with-grace" as const])];
    case "slow":
      return [`fault-slow-${whom}`];
    case "stall":
    case "cut":
    case "reset":
    case "half-open":
    case "latency":
    case "refuse-connect":
    case "hang-connect":
    case "bandwidth":
    case "cut-after":
    case "disk-full":
    case "no-descriptors":
    case "disk-slow":
    case "bit-rot":
    case "lookup-stale":
    case "lookup-empty":
    case "lookup-fail":
    case "lookup-slow":
    case "unresolvable":
      return [`fault-${action.kind}`];
    default:
      return unreachable(action);
  }
}
