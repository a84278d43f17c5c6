import { SECOND, type Micros } from "../../core/time.ts";
import type { ConsumerSpec } from "../scenario/types.ts";
import type { Lives } from "./lives.ts";
import type { ConsumerTerms } from "./terms.ts";
import { span } from "./words.ts";

/** nsqd's pings to an nsqlookupd until it has registered again: the first finds the connection dead (nsqlookupd §B). */
const REGISTERED_AFTER: Micros = 2 * 16 * SECOND;

/** How long the steps of a recovery may take, by the settings of a scenario: for the slowest of its consumers. */
export interface RecoveryTerms {
  /** That a connection is dead: silence for the read timeout. */
  readonly notice: Micros;
  /** To connect again: a poll of each nsqlookupd, and where there are some, nsqd's registration before. */
  readonly meet: Micros;
  /** That a message comes again: the msg timeout, or the longest delay of a publish or a requeue. */
  readonly redeliver: Micros;
  /** The longest wait in backoff. */
  readonly backoff: Micros;
}

export function recoveryTerms({ terms, evidence }: Lives): RecoveryTerms {
  let [notice, meet, redeliver, backoff] = [0, 0, 0, 0];
  for (const consumer of terms.consumers.values()) {
    const { spec, config } = consumer;
    const lookupds = spec.lookupd?.length ?? 0;
    const polls = config.lookupdPollInterval * (Math.max(1, lookupds) + config.lookupdPollJitter);
    notice = Math.max(notice, config.readTimeout);
    meet = Math.max(meet, Math.ceil(polls) + (lookupds > 0 ? REGISTERED_AFTER : 0));
    redeliver = Math.max(redeliver, redeliveryOf(consumer));
    if (mayFail(spec)) backoff = Math.max(backoff, config.maxBackoffDuration);
  }
  for (const { options } of terms.nsqds.values()) redeliver = Math.max(redeliver, options.msgTimeout);
  for (const { workload } of evidence.scenario.producers)
    for (const { delayMs = 0 } of workload) redeliver = Math.max(redeliver, delayMs * 1_000);
  return { notice, meet, redeliver, backoff };
}

/** `noticing may take 60 s, connecting again 1.3 s, delivering again 60 s`. */
export function tellRecovery({ notice, meet, redeliver, backoff }: RecoveryTerms): string {
  const waits = backoff === 0 ? "" : `, a backoff ${span(backoff)}`;
  return `noticing may take ${span(notice)}, connecting again ${span(meet)}, delivering again ${span(redeliver)}${waits}`;
}

function redeliveryOf({ spec, config }: ConsumerTerms): Micros {
  const { maxAttempts, defaultRequeueDelay, maxRequeueDelay, msgTimeout } = config;
  if (!mayFail(spec)) return msgTimeout;
  const attempts = maxAttempts === 0 ? Infinity : maxAttempts;
  return Math.max(msgTimeout, Math.min(maxRequeueDelay, defaultRequeueDelay * attempts));
}

/** Whether a handler of it may fail: then it requeues, and backs off. */
function mayFail({ handler = [] }: ConsumerSpec): boolean {
  if ("use" in handler) return true;
  return handler.some(({ outcome }) => outcome === "fail" || outcome === "throw");
}
