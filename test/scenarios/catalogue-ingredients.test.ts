import { expect, test } from "vitest";
import { findScenario } from "../../scenarios/catalogue/index.ts";
import { applySettings } from "../../scenarios/commands/settings.ts";
import { simulate } from "../../sim/run.ts";
import { validateScenario } from "../../sim/scenario/validate.ts";

const dedup = (method: string): string[] =>
  [0, 1].map((index) => `consumers.*.handler.${index}.effect.dedup=${method}`);

// A scenario that comes out as expected whatever happens proves nothing. Each must fail without what it is about, by
// the expectation that is about it.
test.each([
  ["happy-path", ["consumers.shipping1.channel=other"], "expect.delivered"],
  ["consumer-crash-mid-handler", ["consumers.c1.handler.0.takeMs=20"], "expect.duplicates.consumer-crash"],
  ["lost-fin", ["faults.0.do.direction=backward"], "expect.duplicates.lost-fin"],
  ["half-open-link", ["faults.0.do.forMs=1000"], "expect.duplicates.lost-fin"],
  ["lost-ok", ["producers.p1.retry.onUnknown=false"], "expect.duplicates.producer-retry"],
  ["pipelined-neighbours", ["producers.p1.workload.1.delayMs=10"], "expect.unknownPublishes"],
  ["producer-fail-over", ["producers.p1.retry.onError=false"], "expect.published"],
  ["blackholed-connect", ["faults.0.do.forMs=100"], "expect.published"],
  ["handler-slower-than-timeout", ["consumers.*.handler.0.takeMs=59000"], "expect.duplicates.timeout"],
  ["touch-to-the-ceiling", ["nsqd.0.options.max-msg-timeout=20m"], "expect.duplicates.timeout"],
  ["late-fin-finishes-second-run", ["consumers.c1.handler.0.takeMs=50000"], "expect.duplicates.timeout"],
  ["late-second-channel", ["consumers.b1.startMs=0"], "expect.delivered"],
  ["new-nsqd-known-topic", ["nsqd.nsqd2.lookupd=[]"], "expect.delivered"],
  ["new-nsqd-cut-off", ["faults.0.trigger.atMs=80000"], "expect.delivered"],
  ["lookupd-restarts-empty", ["consumers.new1.startMs=0"], "expect.delivered"],
  ["backlog-at-restart", ["faults.0.do.kind=kill"], "expect.delivered"],
  ["zombie-registration", ["faults.0.do.forMs=1000"], "expect.unknownPublishes"],
  ["deleted-topic-comes-back", ["operations.2.atMs=50000"], "expect.late.no-connection"],
  ["address-known-only-inside", ["faults.0.do.forMs=1000"], "expect.late.no-connection"],
  ["wrong-broadcast-address", ["nsqd.nsqd2.options={}"], "expect.verdicts.P18"],
  ["sampling-discards", ["consumers.audit.config.sample_rate=0"], "expect.losses.sampled"],
  ["ephemeral-overflow", ["consumers.dashboard.handler.0.takeMs=1"], "expect.losses.ephemeral"],
  ["rolling-deploy", ["consumers.*.handler.0.takeMs=20"], "expect.duplicates.connection-loss"],
  ["blocked-event-loop", ["consumers.c1.handler.0.blocking=false"], "expect.delivered"],
  ["paused-consumer", ["faults.0.do.forMs=20000"], "expect.duplicates.timeout"],
  ["fewer-slots-than-nsqds", ["consumers.c1.maxInFlight=10"], "expect.late.no-ready-consumer"],
  ["reconnect-storm-in-backoff", ["consumers.c1.handler=[]"], "expect.duplicates.requeue"],
  ["too-many-channels", ['nsqd.0.options={"queue-scan-selection-count":300}'], "expect.duplicates.timeout"],
  ["poison-brake", ["consumers.c1.config.max_backoff_duration=0s"], "expect.late.backoff"],
  ["requeue-beyond-the-limit", ["nsqd.0.options.max-req-timeout=2m"], "expect.delivered"],
  ["pause-survives-kill", ["operations.1.atMs=50000", "operations.0.atMs=50000"], "expect.late.paused"],
  ["buffered-output-runs-the-clock", ["consumers.c1.config.output_buffer_size=-1"], "expect.duplicates.timeout"],
  ["kill-loses-memory", ['nsqd.0.options={"mem-queue-size":0}'], "expect.losses.memory-at-kill"],
  ["kill-keeps-the-disk", ["nsqd.0.options.mem-queue-size=10000"], "expect.duplicates.crash-replay"],
  ["restart-forgets-delays", ["faults.0.do.kind=kill"], "expect.losses.memory-at-kill"],
  ["clock-steps-back", ["nsqd.0.profile=exact"], "expect.late.queueing"],
  ["delay-lost-on-disk", ["nsqd.0.profile=exact"], "expect.delivered"],
  ["seckill-burst", ["producers.p1.workload.0.everyMs=2.5"], "expect.late.queueing"],
  ["effect-marked-before", ["consumers.*.handler.0.when.percent=0", ...dedup("transactional")], "expect.effects.never"],
  ["effect-marked-after", dedup("transactional"), "expect.effects.again"],
  ["effect-in-one-transaction", dedup("mark-after"), "expect.effects.again"],
  ["dedup-window-too-short", ["stores.redis.remembers=2000"], "expect.effects.again"],
  ["dead-letter-after-finish", ["consumers.c1.deadLetter.order=publish-first"], "expect.verdicts.P15"],
  ["dead-letter-before-finish", ["consumers.c1.deadLetter.order=finish-first"], "expect.verdicts.P15"],
  ["priority-topics", ["producers.p1.workload.0.everyMs=4"], "expect.late.queueing"],
  ["order-kept-in-memory", ["faults.0.trigger.atMs=6000"], "expect.losses.still-held"],
  ["order-kept-by-versions", ["consumers.*.handler.1.effect.dedup=transactional"], "expect.verdicts.P12"],
  [
    "retry-in-process",
    ["consumers.i1.handler.0.takeMs=50000", "consumers.i2.handler.0.takeMs=50000"],
    "expect.effects.again",
  ],
  ["attempts-across-clients", ["consumers.nsqjs.maxAttempts=5"], "expect.delivered"],
])("%s fails when %j", (name, settings, path) => {
  const { outcome, expectations } = simulate(validateScenario(applySettings(findScenario(name), settings)));
  expect(expectations.filter((one) => !one.met).map((one) => one.path)).toContain(path);
  expect(outcome).toBe("fail");
});
