/**
 * A sale begins: four times as many orders as the workers can take, for two seconds. Where do they go?
 *
 * The channel's memory is full after 0.2 s; the rest goes to disk, the producer notices nothing, and the last order is
 * handled six seconds after the last was placed: nsqd has no back-pressure (guarantees §2.1, f).
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

export const seckillBurst: Scenario = {
  name: "seckill-burst",
  catalogue: "S26",
  question: "Four times as many orders come as the workers can take: what becomes of them, and who notices?",
  answer:
    "The queue takes them all, on its disk where its memory is full; only latency and depth tell, not the producer.",
  seed: 26,
  durationMs: 12_000,
  recoveryMs: 5_000,
  nsqd: [{ name: "nsqd1", options: { "mem-queue-size": 100 } }],
  producers: [standardProducer(4_000, { everyMs: 0.5 })],
  consumers: [standardConsumer("c1", "billing")],
  expect: {
    verdicts: { P2: "pass", P7: "pass", P16: "pass", P17: "pass" },
    late: { queueing: { min: 2_500 }, "no-ready-consumer": { min: 0 } },
    published: 4_000,
    delivered: 4_000,
    unknownPublishes: 0,
    faultsFired: 0,
  },
};
