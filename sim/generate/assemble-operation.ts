import { unreachable } from "../../core/assert.ts";
import type { ConsumerSpec, NsqdSpec, OperationSpec } from "../scenario/types.ts";
import { at } from "./at.ts";
import type { OperationPlan, ScenarioPlan } from "./plan.ts";

/** Far enough apart that two requests, each on a connection of its own, arrive in their order. */
const UNDONE_AFTER_MS = 300;

interface Audience {
  readonly nsqd: readonly NsqdSpec[];
  readonly lookupds: readonly string[];
  readonly consumers: readonly ConsumerSpec[];
}

/**
 * What an operator does. What would hold messages back for good is undone: a pause ends, and an nsqd that registers with
 * nobody does so again.
 */
export function assembleOperation(
  plan: OperationPlan,
  whole: Pick<ScenarioPlan, "durationMs" | "operationKinds">,
  { nsqd: nsqds, lookupds, consumers }: Audience,
): OperationSpec[] {
  const atMs = Math.floor((whole.durationMs / plan.part) * (plan.at / 1_000));
  const laterMs = atMs + Math.max(plan.forMs, UNDONE_AFTER_MS);
  const { topic, channel } = at(consumers, plan.reader);
  const place = plan.whole ? { topic } : { topic, channel };
  const nsqd = at(nsqds, plan.daemon).name;
  const kind = at(whole.operationKinds, plan.kind);
  switch (kind) {
    case "create":
    case "delete":
    case "empty":
      return [{ atMs, nsqd, ...place, do: kind }];
    case "pause":
      return [
        { atMs, nsqd, ...place, do: "pause" },
        { atMs: laterMs, nsqd, ...place, do: "unpause" },
      ];
    case "config":
      return [
        { atMs, nsqd, do: "config", set: plan.whole ? { lookupd: [] } : { logLevel: "debug" } },
        { atMs: laterMs, nsqd, do: "config", set: { lookupd: lookupds } },
      ];
    case "announce":
      return lookupds.length === 0 ? [] : [{ atMs, lookupd: at(lookupds, plan.daemon), ...place, do: "create" }];
    case "tombstone":
      return lookupds.length === 0 ? [] : [{ atMs, lookupd: at(lookupds, plan.daemon), nsqd, topic, do: kind }];
    default:
      return unreachable(kind);
  }
}
