import type { Micros } from "../../core/time.ts";
import type { Lives } from "./lives.ts";
import type { TopicHere } from "./places.ts";

/**
 * Latest instant at which nsqd may have kept back what a new topic has: first it asks its nsqlookupds for the channels that
 * the topic has elsewhere, for as long as an HTTP request may take (nsqd-semantics §1.1). -Infinity: they were at peace,
 * and answered within two trips.
 */
export function heldUntil(lives: Lives, topic: TopicHere, now: Micros): Micros {
  const { lookupdTcpAddresses, httpClientRequestTimeout } = lives.optionsOf(topic.nsqd, now);
  if (lookupdTcpAddresses.length === 0) return -Infinity;
  // It may have been deleted, and made anew by anybody since.
  const madeAt = topic.madeAt < 0 ? now : topic.madeAt;
  // 0 is no limit.
  const longest = httpClientRequestTimeout > 0 ? httpClientRequestTimeout : Infinity;
  const since = madeAt - longest;
  const isDisturbed = lookupdTcpAddresses.some((name) => {
    const lookupd = lives.history.intern(name);
    const { away } = lives.weather.process(lookupd);
    return away.overlaps(since, now) || lives.weather.link(topic.nsqd, lookupd).overlaps(since, now);
  });
  return isDisturbed || isMisled(lives, topic.nsqd, lookupdTcpAddresses)
    ? madeAt + longest + lives.terms.latencyMax
    : -Infinity;
}

/** A fault of the scenario may let one of its nsqlookupds answer late, or not what it knows, or not be found. */
function isMisled({ evidence, history }: Lives, nsqd: number, lookupds: readonly string[]): boolean {
  return (evidence.scenario.faults ?? []).some(({ do: action }) => {
    if (action.kind === "hang-connect")
      return action.link.includes(history.strings[nsqd]!) && action.link.some((name) => lookupds.includes(name));
    if (action.kind === "unresolvable") return action.process === history.strings[nsqd] && lookupds.includes(action.of);
    return action.kind.startsWith("lookup-") && "process" in action && lookupds.includes(action.process);
  });
}
