import { describe, expect, test } from "vitest";
import { consumerCrashMidHandler } from "../../../scenarios/catalogue/consumer-crash-mid-handler.ts";
import { halfOpenLink } from "../../../scenarios/catalogue/half-open-link.ts";
import { happyPath } from "../../../scenarios/catalogue/happy-path.ts";
import { lostFin } from "../../../scenarios/catalogue/lost-fin.ts";
import { lostOk } from "../../../scenarios/catalogue/lost-ok.ts";
import { pauseSurvivesKill } from "../../../scenarios/catalogue/pause-survives-kill.ts";
import { pausedConsumer } from "../../../scenarios/catalogue/paused-consumer.ts";
import { applySettings } from "../../../scenarios/commands/settings.ts";
import { runOverTcp } from "../../../scenarios/tcp/run.ts";
import { UnsupportedInWorld } from "../../../scenarios/tcp/supported.ts";
import type { Run } from "../../../sim/result.ts";
import { validateScenario } from "../../../sim/scenario/validate.ts";
import type { Scenario } from "../../../sim/scenario/types.ts";

/** The catalogue's own scenarios, shortened to seconds: our nsqd as a child process, real connections, real time. */
function shortened(scenario: Scenario, ...settings: string[]): Scenario {
  return validateScenario(applySettings(scenario, ["producers.p1.workload.0.startMs=300", ...settings]));
}

function story(run: Run): object {
  const unmet = run.expectations.filter((one) => !one.met);
  const failed = run.verdicts.filter((one) => one.outcome === "fail");
  return { outcome: run.outcome, unmet, failed };
}

const GREEN = { outcome: "pass", unmet: [], failed: [] };

describe("the catalogue over TCP", () => {
  test.concurrent("happy path", async () => {
    const run = await runOverTcp(
      shortened(
        happyPath,
        "producers.p1.workload.0.count=100",
        "durationMs=1500",
        "expect.published=100",
        "expect.delivered=200",
      ),
    );
    expect(story(run)).toEqual(GREEN);
    expect(run.ledger).toMatchObject({ published: 100, accepted: 100, delivered: 200, finished: 200, duplicates: [] });
  });

  test.concurrent("consumer crash: its messages come at their deadlines", async () => {
    const run = await runOverTcp(
      shortened(
        consumerCrashMidHandler,
        "nsqd.0.profile=exact",
        "producers.p1.workload.0.count=100",
        "consumers.*.config.msg_timeout=1500ms",
        "consumers.c1.handler.0.takeMs=1400",
        "faults.0.trigger.atMs=1200",
        "durationMs=2500",
        "expect.published=100",
        "expect.delivered=110",
      ),
    );
    expect(story(run)).toEqual(GREEN);
    expect(run.ledger.duplicates.map((entry) => entry.licence)).toContain("consumer-crash");
  });

  test.concurrent("lost FIN: the proxy drops bytes, then the connection", async () => {
    const run = await runOverTcp(
      shortened(
        lostFin,
        "producers.p1.workload.0.count=100",
        "consumers.c1.config.msg_timeout=1500ms",
        "consumers.c1.config.lookupd_poll_interval=200ms",
        "faults.0.trigger.atMs=800",
        "durationMs=2500",
        "expect.published=100",
        "expect.delivered=107",
      ),
    );
    expect(story(run)).toEqual(GREEN);
    expect(run.ledger.duplicates.map((entry) => entry.licence)).toContain("lost-fin");
  });

  test.concurrent("lost OK: a fault aimed at a frame on the wire", async () => {
    const run = await runOverTcp(
      shortened(
        lostOk,
        "producers.p1.workload.0.count=100",
        "producers.p1.workload.0.everyMs=20",
        "faults.0.trigger.after.nth=20",
        "faults.0.trigger.repeat.times=4",
        "durationMs=3500",
        "expect.published=104",
        "expect.delivered=104",
        "expect.unknownPublishes=4",
        "expect.duplicates.producer-retry=4",
        "expect.faultsFired=4",
      ),
    );
    expect(story(run)).toEqual(GREEN);
  });

  test.concurrent("a silent link: both sides give up, the messages come after it works again", async () => {
    const run = await runOverTcp(
      shortened(
        halfOpenLink,
        "producers.p1.workload.0.count=100",
        "consumers.c1.config.heartbeat_interval=1s",
        "consumers.c1.config.read_timeout=2s",
        "consumers.c1.config.msg_timeout=1500ms",
        "consumers.c1.config.lookupd_poll_interval=200ms",
        "faults.0.trigger.atMs=800",
        "durationMs=3500",
        "recoveryMs=8000",
        "expect.published=100",
        "expect.delivered=102",
      ),
    );
    expect(story(run)).toEqual(GREEN);
    const closes = [...run.history.events()].filter((event) => event.kind === "close" && event.process === "c1");
    expect(closes.map((event) => event.text)).toContain("read timeout");
  });

  test.concurrent("a paused consumer: its messages run again, it goes on with its connection", async () => {
    const run = await runOverTcp(
      shortened(
        pausedConsumer,
        "producers.p1.workload.0.count=150",
        "consumers.*.config.msg_timeout=1s",
        "faults.0.trigger.atMs=900",
        "faults.0.do.forMs=1500",
        "durationMs=3000",
        "expect.published=150",
        "expect.delivered=160",
      ),
    );
    expect(story(run)).toEqual(GREEN);
  });

  test.concurrent("kill -9 of nsqd: the pause flags survive in nsqd.dat, the memory does not", async () => {
    const run = await runOverTcp(
      shortened(
        pauseSurvivesKill,
        "producers.p1.workload.0.count=100",
        "producers.p1.workload.1.startMs=3500",
        "producers.p1.workload.1.count=50",
        "operations.0.atMs=800",
        "operations.1.atMs=1000",
        "faults.0.trigger.atMs=1400",
        "operations.2.atMs=4500",
        "operations.3.atMs=4500",
        "durationMs=5000",
        "expect.published=150",
        "expect.delivered=100",
        "expect.late={}",
        'expect.losses={"memory-at-kill":50}',
      ),
    );
    expect(story(run)).toEqual(GREEN);
    const late = [...run.history.events()].filter((event) => event.kind === "deliver" && event.msg > 100);
    expect(Math.min(...late.map((event) => event.atUs)), "nothing is delivered while paused").toBeGreaterThan(
      4_500_000,
    );
  });

  test("a fault that is for the simulator only is refused before anything starts", async () => {
    const scenario: Scenario = {
      ...happyPath,
      nsqlookupd: [{ name: "lookupd1" }],
      nsqd: [{ name: "nsqd1", clockOffsetMs: 5 }],
      faults: [
        { trigger: { atMs: 1 }, do: { kind: "clock-step", process: "nsqd1", byMs: 5 } },
        { trigger: { after: { kind: "broker-timeout" } }, do: { kind: "kill", process: "billing1" } },
        { trigger: { atMs: 1 }, do: { kind: "reset", link: ["billing1", "billing2"] } },
      ],
    };
    const began = performance.now();
    const error = await runOverTcp(scenario).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UnsupportedInWorld);
    expect((error as Error).message).toContain("nsqd.0.clockOffsetMs");
    expect((error as Error).message).toContain("nsqlookupd: in real time");
    expect((error as Error).message).toContain("faults.0: clock-step is for the simulator only");
    expect((error as Error).message).toContain("faults.1: broker-timeout cannot be seen from outside");
    expect((error as Error).message).toContain("faults.2: reset between billing1 and billing2");
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});
