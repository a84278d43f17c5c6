import type { Micros } from "../../core/time.ts";
import type { Lives } from "./lives.ts";
import type { TopicHere } from "./places.ts";

/** The fault kinds by which nsqlookupds answer late, or not what they know. */
const MISLEADS = ["lookup-stale", "lookup-empty", "lookup-fail", "lookup-slow", "unresolvable"];

/**
 * Latest instant at which nsqd may have kept back what a new topic has: first it asks its nsqlookupds for the channels that
 * the topic has elsewhere, for as long as an HTTP request may take (nsqd-semantics §1.1). -Infinity: they were at peace,
 * and answered within two trips.
 */
export function heldUntil(lives: Lives, topic: TopicHere, now: Micros): Micros {
  const { lookupdTcpAddresses, httpClientRequestTimeout } = lives.optionsOf(topic.nsqd, now);
  if (topic.madeAt < 0 || lookupdTcpAddresses.length === 0) return -Infinity;
  // 0 is no limit.
  const longest = httpClientRequestTimeout > 0 ? httpClientRequestTimeout : Infinity;
  const since = topic.madeAt - longest;
  const isDisturbed = lookupdTcpAddresses.some((name) => {
    const lookupd = lives.history.intern(name);
    const { away } = lives.weather.process(lookupd);
    return away.overlaps(since, now) || lives.weather.link(topic.nsqd, lookupd).overlaps(since, now);
  });
  return isDisturbed || isMisled(lives) ? topic.madeAt + longest + lives.terms.latencyMax : -Infinity;
}

function isMisled({ evidence }: Lives): boolean {
  return (evidence.scenario.faults ?? []).some((fault) => MISLEADS.includes(fault.do.kind));
}
