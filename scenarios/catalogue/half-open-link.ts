/**
 * The link between consumer and nsqd goes silent both ways: how long do both sides believe in it?
 *
 * nsqd drops a connection that said nothing for twice its heartbeat interval, 60 s; the client gives up after its read
 * timeout, also 60 s (protocol §7, client-semantics §1). Until then nsqd goes on sending, up to RDY messages; all of
 * them, and those whose FIN is caught by the silence, are requeued at their deadlines around 65 s. They reach the
 * consumer when the link works again and it has reconnected.
 *
 * A message is published every 10 ms, reaches the consumer 2..10 ms later and is finished 20 ms after that: of what was
 * delivered by 5 s, two or three messages cannot be answered any more.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

export const halfOpenLink: Scenario = {
  name: "half-open-link",
  catalogue: "S04",
  question: "When a link goes silent in both directions, how long does the broker wait for the consumer behind it?",
  answer:
    "Twice the heartbeat interval: 60 s. In the meantime it fills the consumer's RDY count; those messages are requeued " +
    "at their deadlines and wait for the consumer to come back.",
  seed: 4,
  durationMs: 90_000,
  recoveryMs: 60_000,
  nsqd: [{ name: "nsqd1" }],
  producers: [standardProducer(1_000)],
  consumers: [standardConsumer("c1", "billing", { config: { output_buffer_size: -1 } })],
  faults: [{ trigger: { atMs: 5_000 }, do: { kind: "partition", link: ["c1", "nsqd1"] } }],
  expect: {
    verdicts: { P2: "pass", P5: "pass", P17: "pass" },
    duplicates: { "lost-fin": { min: 1, max: 3 } },
    published: 1_000,
    delivered: { min: 1_001, max: 1_003 },
    unknownPublishes: 0,
    faultsFired: 1,
  },
};
