/**
 * A handler needs 0.9 s and has 1 s: is that enough?
 *
 * nsqd starts the clock of a message when it writes it into the connection's output buffer, and a buffer that does not
 * fill leaves every 250 ms (protocol §9). A message that waited there for more than a tenth of a second is over its
 * deadline before the handler is done. With `output_buffer_size` -1 nothing waits.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

const NEARLY_LATE = { maxInFlight: 100, handler: [{ when: { attempts: 1 }, takeMs: 900 }] };

export const bufferedOutputRunsTheClock: Scenario = {
  name: "buffered-output-runs-the-clock",
  catalogue: "S29",
  question: "A handler needs 0.9 s and has 1 s: is that enough?",
  answer: "Not with nsqd's output buffer: up to 250 ms of the second are over before the message leaves nsqd.",
  seed: 29,
  durationMs: 35_000,
  recoveryMs: 80_000,
  nsqd: [{ name: "nsqd1" }],
  producers: [standardProducer(300, { everyMs: 105 })],
  consumers: [
    standardConsumer("c1", "billing", { ...NEARLY_LATE, config: { msg_timeout: "1s" } }),
    standardConsumer("c2", "audit", { ...NEARLY_LATE, config: { msg_timeout: "1s", output_buffer_size: -1 } }),
  ],
  expect: {
    verdicts: { P2: "pass", P5: "pass", P6: "pass", P7: "pass", P17: "pass" },
    // About every other wait is longer than 100 ms, all of them on the channel with the buffer.
    duplicates: { timeout: { min: 100, max: 250 } },
    published: 300,
    unknownPublishes: 0,
    faultsFired: 0,
  },
};
