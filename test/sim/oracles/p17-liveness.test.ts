import { describe, expect, test } from "vitest";
import { judge } from "../../../sim/oracles/index.ts";
import { simulate } from "../../../sim/run.ts";
import type { Verdict } from "../../../sim/result.ts";
import type { ConsumerSpec } from "../../../sim/scenario/types.ts";
import { ScenarioError, validateScenario } from "../../../sim/scenario/validate.ts";
import { at, small } from "../small.ts";
import { Story, storyScenario, TOPIC } from "./story.ts";

function verdictOf(story: Story, healMs = 5_000, endMs = 9_000): Verdict {
  return judge(story.heal(healMs).end(endMs).evidence).find(({ property }) => property === "P17")!;
}

/** Pass, unknown, or whom the first stalled message waits for, when faults stop and the run ends at those instants. */
function stalled(story: Story, healMs?: number, endMs?: number): string {
  const verdict = verdictOf(story, healMs, endMs);
  return verdict.outcome === "fail"
    ? verdict.violations[0]!.text.replace(/^.* stopped at [\d.]+ s: /, "")
    : verdict.outcome;
}

/** One consumer with a message published for it; `changes` to what it is. */
function alone(changes: Partial<ConsumerSpec> = {}, joins = true): Story {
  const consumer = { name: "c1", nsqd: ["nsqd1"], topic: TOPIC, channel: "billing", maxInFlight: 10, ...changes };
  const scenario = storyScenario({
    consumers: [consumer],
    nsqlookupd: [{ name: "nsqlookupd1" }],
    faults: [at(50, { kind: "half-open", link: ["nsqd1", "c1"] })],
  });
  return new Story(scenario, joins ? ["c1"] : []);
}

/** A consumer that finds its nsqds, and has not: what an nsqlookupd said last. */
function seeking(value: number, text: string): Story {
  const story = alone({ nsqd: [], lookupd: ["nsqlookupd1"] });
  story.accept(100, 1).close(103, "c1");
  return story.row(200, "lookup", { process: "c1", peer: "nsqlookupd1", place: `${TOPIC}/billing`, value, text });
}

/** A message published, delivered and finished. */
function done(): Story {
  return alone().accept(100, 1).deliver(103, "c1", 1).finish(110, "c1", 1);
}

/** A consumer that waits in backoff, and has nothing left to do. */
function waiting(ms: number): Story {
  const failed = alone().accept(100, 1).deliver(103, "c1", 1).requeue(110, "c1", 1, 0).rdy(110, "c1", 0);
  const row = { process: "c1", place: `${TOPIC}/billing`, text: "wait", detail: ms * 1_000 };
  return failed.row(111, "backoff", row).deliver(112, "c1", 1, 2).finish(113, "c1", 1);
}

describe("a stall says who waits for what", () => {
  test("RDY 0, or used up", () => {
    expect(stalled(alone().accept(100, 1).rdy(103, "c1", 0))).toBe("c1 has no room: RDY 0");
    const full = alone().rdy(50, "c1", 1).accept(100, 1).deliver(103, "c1", 1).touch(900, "c1", 1);
    expect(stalled(full.accept(904, 2), 910, 1_400)).toBe("c1 has no room: 1 in flight at RDY 1");
  });

  test("RDY 0 with nothing left to do, which nothing would ever raise", () => {
    expect(stalled(done().rdy(120, "c1", 0))).toBe(
      "c1 asks nsqd1 for nothing (RDY 0) at the end, and is not in backoff",
    );
    expect(stalled(done().backoff(115, "c1", "enter").rdy(120, "c1", 0))).toBe("pass");
    expect(stalled(done().backoff(115, "c1", "enter").rdy(120, "c1", 0).backoff(130, "c1", "leave"))).toMatch(/RDY 0/);
    expect(stalled(done().rdy(120, "c1", 0), 200, 1_900)).toBe("pass");
  });

  test("a backoff that does not end", () => {
    expect(stalled(waiting(1_000))).toBe("c1 is in a backoff that was to end 1 s after 0.111 s");
    expect(stalled(waiting(7_000))).toBe("pass");
    expect(stalled(waiting(1_000).process(200, "c1", "stop"))).toBe("pass");
  });

  test("a backoff", () => {
    expect(stalled(alone().accept(100, 1).rdy(103, "c1", 0).backoff(103, "c1", "enter"))).toBe(
      "c1 is in backoff, RDY 0",
    );
  });

  test("no connection, and what became of the last attempt", () => {
    expect(stalled(alone().accept(100, 1).close(103, "c1"))).toBe("c1 has no connection to nsqd1 (reset at 0.103 s)");
    const refused = { process: "c1", peer: "nsqd1", text: "refused" };
    expect(stalled(alone().accept(100, 1).close(103, "c1").row(200, "connect-failed", refused))).toBe(
      "c1 has no connection to nsqd1 (refused at 0.200 s)",
    );
    const two = new Story().accept(100, 1).close(103, "c1");
    expect(stalled(two)).toBe("c1 has no connection to nsqd1 (reset at 0.103 s); c2 has no connection to nsqd1");
  });

  test("a connection of which only one end is left", () => {
    const story = alone().row(50, "fault", { process: "nsqd1", peer: "c1", value: 0, detail: 1 });
    expect(stalled(story.accept(100, 1))).toBe("c1 believes in a connection to nsqd1 that was broken at 0.050 s");
  });

  test("an nsqlookupd that knows nothing, names others, or does not answer", () => {
    const never = "c1 has not found nsqd1: nsqlookupd1";
    expect(stalled(seeking(0, ""))).toBe(`${never} names nobody at 0.200 s`);
    expect(stalled(seeking(2, "nsqd2 nsqd3"))).toBe(`${never} names nsqd2 and nsqd3 at 0.200 s`);
    expect(stalled(seeking(-1, "got response 404"))).toBe(`${never} did not answer at 0.200 s, got response 404`);
    expect(stalled(seeking(1, "nsqd1"))).toBe("c1 has no connection to nsqd1 (reset at 0.103 s)");
  });

  test("a broker that does nothing", () => {
    expect(stalled(alone().accept(100, 1))).toBe("c1 has room, but nsqd1 sends nothing");
  });

  test("somebody who was never going to act is no stall", () => {
    expect(stalled(new Story().operate(50, "pause", `${TOPIC}/billing`).accept(100, 1))).toBe("pass");
    expect(stalled(new Story().operate(50, "pause", TOPIC).accept(100, 1))).toBe("pass");
    expect(stalled(new Story().accept(100, 1, 20_000))).toBe("pass");
    expect(stalled(alone().accept(100, 1).process(103, "c1", "kill"))).toBe("pass");
    expect(stalled(alone().accept(100, 1).deliver(103, "c1", 1).touch(600, "c1", 1), 700, 1_400)).toBe("pass");
    expect(stalled(alone().accept(100, 1).deliver(103, "c1", 1).finish(110, "c1", 1))).toBe("pass");
  });
});

describe("the recovery", () => {
  test("is told with what was allowed and what the settings make of it", () => {
    const config = { read_timeout: "4s", heartbeat_interval: "1s", lookupd_poll_interval: "2s" };
    const story = alone({ config })
      .accept(4_990, 1)
      .heal(5_000)
      .deliver(5_100, "c1", 1)
      .finish(6_500, "c1", 1)
      .end(6_600);
    const { summary } = judge(story.evidence).find(({ property }) => property === "P17")!;
    expect(summary).toBe(
      "1 pair of message and channel; recovered in 1.5 s of the 10 s allowed, " +
        "by the settings noticing may take 4 s, connecting again 2.6 s, delivering again 1 s",
    );
    expect(verdictOf(alone().accept(100, 1).deliver(103, "c1", 1).finish(110, "c1", 1)).summary).toMatch(
      /nothing was left to do when faults stopped$/,
    );
    expect(verdictOf(alone().accept(100, 1)).summary).toMatch(/; not recovered in the 10 s allowed, by the settings/);
  });

  test("counts nsqlookupds, requeues and backoffs in", () => {
    const [consumer] = small().consumers;
    const handler = [{ when: { attempts: 1 }, outcome: "fail" }] as const;
    const config = { msg_timeout: "1s", max_backoff_duration: "2s", default_requeue_delay: "10s", max_attempts: 3 };
    const consumers = [{ ...consumer!, lookupd: ["nsqlookupd1"], handler, config }];
    const run = simulate(small({ nsqlookupd: [{ name: "nsqlookupd1" }], consumers, oracles: ["P17"] }));
    expect(run.verdicts[0]!.summary).toMatch(
      /recovered in .* noticing may take 60 s, connecting again 110 s, delivering again 60 s, a backoff 2 s$/,
    );
  });

  test("needs time: none is refused", () => {
    const timeless = { ...small(), recoveryMs: 0 };
    expect(() => validateScenario(timeless)).toThrow(ScenarioError);
    expect(() => validateScenario(timeless)).toThrow(/^recoveryMs: found 0, expected a number from 0\.001/);
  });

  test("without phase heal nothing is known", () => {
    const verdicts = judge(new Story().accept(100, 1).end(9_000).evidence);
    expect(verdicts.find(({ property }) => property === "P17")!.outcome).toBe("unknown");
  });
});
