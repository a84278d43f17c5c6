import type { Gauges, GaugeVisitor } from "../core/nsqd/stats.ts";
import { MILLISECOND, type Micros } from "../core/time.ts";
import { KIND, type History } from "./history.ts";

/** Instants at which gauges are sampled while faults are active, about. */
const SAMPLES = 200;

/** A round period that samples a span about {@link SAMPLES} times. */
export function samplePeriod(span: Micros): Micros {
  const wanted = span / SAMPLES;
  let period = MILLISECOND;
  for (;;) {
    for (const factor of [1, 2, 5]) if (period * factor >= wanted) return period * factor;
    period *= 10;
  }
}

/** What one nsqd is sampled from. */
export interface GaugeSource {
  readonly nsqd: string;
  /** The numbers were true at some instant within so much time before now; 0: they are true now. */
  readonly age: Micros;
  gauges(visit: GaugeVisitor): void;
  /** RDY counts in force on a channel, summed over its consumers. */
  ready(topic: string, channel: string): number;
}

/** Writes the gauge rows of an nsqd. */
export function sampleGauges(history: History, now: Micros, source: GaugeSource): void {
  const process = history.intern(source.nsqd);
  source.gauges((topic, channel, gauges) => {
    const place = history.intern(channel === null ? topic : `${topic}/${channel}`);
    const row = (value: number, name: string): void => {
      history.add(now, KIND.gauge, process, 0, place, -1, -1, value, source.age, history.intern(name));
    };
    row(gauges.depth, "depth");
    row(gauges.messages, "messages");
    if (channel === null) return;
    row(gauges.inFlight, "in-flight");
    row(gauges.deferred, "deferred");
    row(gauges.requeues, "requeues");
    row(gauges.timeouts, "timeouts");
    row(source.ready(topic, channel), "rdy");
  });
}

/** Messages that the broker still has, wherever they wait; a depth below 0, as nsqd 1.3 has it after a crash, is none. */
export function heldMessages(source: { gauges(visit: GaugeVisitor): void }): number {
  let held = 0;
  source.gauges((_topic, _channel, gauges: Readonly<Gauges>) => {
    held += Math.max(0, gauges.depth) + gauges.inFlight + gauges.deferred;
  });
  return held;
}
