import { describe, expect, test } from "vitest";
import { buildLedger } from "../../../sim/oracles/ledger.ts";
import type { FaultAction } from "../../../sim/scenario/types.ts";
import { Story, storyScenario, TOPIC } from "./story.ts";

const BILLING = `${TOPIC}/billing`;

function withFault(action: FaultAction) {
  return storyScenario({ faults: [{ trigger: { atMs: 0 }, do: action }] });
}

function duplicates(story: Story): (string | null)[] {
  return buildLedger(story.evidence).duplicates.map(({ licence }) => licence);
}

function losses(story: Story): (string | null)[] {
  return buildLedger(story.evidence).losses.map(({ licence }) => licence);
}

function late(story: Story): (string | null)[] {
  return buildLedger(story.evidence).late.map(({ licence }) => licence);
}

/** Message 1 delivered to c1 at 103 ms: sent at 102 ms, its deadline is 1102 ms, and 1103 ms at the client. */
function delivered(scenario = storyScenario(), consumers = ["c1", "c2"]): Story {
  return new Story(scenario, consumers).accept(100, 1).deliver(103, "c1", 1);
}

function killed(): Story {
  return new Story().accept(100, 1).process(200, "nsqd1", "kill").process(300, "nsqd1", "start");
}

/** The same, and somebody looked into its files. */
function surveyed(detail: number): Story {
  return killed().row(300, "survey", { process: "nsqd1", detail });
}

/** Message 1 is finished, nsqd ended and started again, and comes once more. */
function replay(detail: number, isKept: boolean): Story {
  const story = delivered()
    .finish(110, "c1", 1)
    .process(300, "nsqd1", detail === 0 ? "stop" : "kill");
  story.process(301, "nsqd1", "stopped").process(400, "nsqd1", "start");
  story.row(400, "survey", { process: "nsqd1", detail });
  if (isKept) story.row(400, "kept", { process: "nsqd1", place: BILLING, msg: 1 });
  return story.join(410, "c2", { conn: 1 }).deliver(412, "c2", 1, 1, { conn: 1 });
}

function unready(): Story {
  return new Story(storyScenario(), []).join(1, "c1", { rdy: 0 });
}

describe("duplicates", () => {
  test("nothing happened: nothing is listed", () => {
    const story = delivered().finish(110, "c1", 1);
    expect(buildLedger(story.evidence)).toMatchObject({ published: 1, accepted: 1, delivered: 1, finished: 1 });
    expect(duplicates(story)).toEqual([]);
  });

  test("timeout: the consumer lives and has not answered at the deadline", () => {
    expect(duplicates(delivered().deliver(1103, "c2", 1, 2))).toEqual(["timeout"]);
  });

  test("one millisecond before the deadline nothing excuses it", () => {
    expect(duplicates(delivered().deliver(1102, "c2", 1, 2))).toEqual([null]);
  });

  test("timeout: the FIN left so late that the deadline may have been first", () => {
    expect(duplicates(delivered().finish(1101.5, "c1", 1).deliver(1103, "c2", 1, 2))).toEqual(["timeout"]);
  });

  test("TOUCH moves the deadline", () => {
    expect(duplicates(delivered().touch(600, "c1", 1).deliver(1103, "c2", 1, 2))).toEqual([null]);
    expect(duplicates(delivered().touch(600, "c1", 1).deliver(1602, "c2", 1, 2))).toEqual(["timeout"]);
  });

  test("TOUCH moves the deadline no further than max-msg-timeout", () => {
    const scenario = storyScenario({ nsqd: { options: { "msg-timeout": "1s", "max-msg-timeout": "1500ms" } } });
    expect(duplicates(delivered(scenario).touch(900, "c1", 1).deliver(1602, "c2", 1, 2))).toEqual([null]);
    expect(duplicates(delivered(scenario).touch(900, "c1", 1).deliver(1603, "c2", 1, 2))).toEqual(["timeout"]);
  });

  test("a TOUCH that came after the deadline does not count", () => {
    expect(duplicates(delivered().touch(1102, "c1", 1).deliver(1103, "c2", 1, 2))).toEqual(["timeout"]);
  });

  test("requeue: REQ, after its delay", () => {
    expect(duplicates(delivered().requeue(110, "c1", 1, 0).deliver(112, "c2", 1, 2))).toEqual(["requeue"]);
    expect(duplicates(delivered().requeue(110, "c1", 1, 50).deliver(162, "c2", 1, 2))).toEqual(["requeue"]);
    expect(duplicates(delivered().requeue(110, "c1", 1, 50).deliver(161, "c2", 1, 2))).toEqual([null]);
  });

  test("requeue: the delay is cut to max-req-timeout", () => {
    const scenario = storyScenario({ nsqd: { options: { "max-req-timeout": "20ms" } } });
    expect(duplicates(delivered(scenario).requeue(110, "c1", 1, 5000).deliver(132, "c2", 1, 2))).toEqual(["requeue"]);
  });

  test("a REQ that was longer than the msg timeout is not cut short by it", () => {
    expect(duplicates(delivered().requeue(110, "c1", 1, 3000).deliver(1103, "c2", 1, 2))).toEqual([null]);
  });

  test("connection-loss: a REQ that broke with its connection, then the deadline", () => {
    const story = delivered().requeue(110, "c1", 1, 3000).close(111, "c1").deliver(1103, "c2", 1, 2);
    expect(duplicates(story)).toEqual(["connection-loss"]);
  });

  test("consumer-crash: killed before the deadline", () => {
    expect(duplicates(delivered().process(500, "c1", "kill").deliver(1103, "c2", 1, 2))).toEqual(["consumer-crash"]);
    expect(duplicates(delivered().process(500, "c1", "kill").deliver(700, "c2", 1, 2))).toEqual([null]);
  });

  test("timeout: killed after the deadline", () => {
    expect(duplicates(delivered().process(1150, "c1", "kill").deliver(1203, "c2", 1, 2))).toEqual(["timeout"]);
  });

  test("connection-loss: closed before the deadline", () => {
    expect(duplicates(delivered().close(500, "c1").deliver(1103, "c2", 1, 2))).toEqual(["connection-loss"]);
  });

  test("connection-loss: a reset of the link, which the client sees later", () => {
    const story = delivered(withFault({ kind: "reset", link: ["c1", "nsqd1"] })).fault(500, 0, true);
    expect(duplicates(story.deliver(1103, "c2", 1, 2))).toEqual(["connection-loss"]);
  });

  test("lost-fin: the connection broke before the FIN had certainly arrived", () => {
    const story = delivered().finish(500, "c1", 1).close(501, "c1").deliver(1103, "c2", 1, 2);
    expect(duplicates(story)).toEqual(["lost-fin"]);
  });

  test("lost-fin: a cut swallowed it", () => {
    const scenario = withFault({ kind: "cut", link: ["c1", "nsqd1"], forMs: 50 });
    const story = delivered(scenario).fault(490, 0, true).finish(500, "c1", 1).fault(540, 0, false).close(542, "c1");
    expect(duplicates(story.deliver(1103, "c2", 1, 2))).toEqual(["lost-fin"]);
  });

  test("timeout: a stall held the FIN until after the deadline", () => {
    const scenario = withFault({ kind: "stall", link: ["c1", "nsqd1"], forMs: 900 });
    const story = delivered(scenario).fault(490, 0, true).finish(500, "c1", 1).deliver(1103, "c2", 1, 2);
    expect(duplicates(story)).toEqual(["timeout"]);
  });

  test("nothing excuses a redelivery after a FIN that arrived, deadline or not", () => {
    expect(duplicates(delivered().finish(500, "c1", 1).deliver(1200, "c2", 1, 2))).toEqual([null]);
    expect(duplicates(delivered().finish(500, "c1", 1).close(600, "c1").deliver(1200, "c2", 1, 2))).toEqual([null]);
  });

  test("broker-restart: nsqd stopped and started in between", () => {
    const story = delivered()
      .process(300, "nsqd1", "stop")
      .process(301, "nsqd1", "stopped")
      .process(400, "nsqd1", "start");
    expect(duplicates(story.join(410, "c2", { conn: 1 }).deliver(412, "c2", 1, 2, { conn: 1 }))).toEqual([
      "broker-restart",
    ]);
  });

  test("crash-replay: finished, but still in a file of an nsqd that was killed", () => {
    expect(duplicates(replay(1, true))).toEqual(["crash-replay"]);
    expect(duplicates(replay(1, false))).toEqual([null]);
    expect(duplicates(replay(0, true))).toEqual([null]);
  });

  test("timeout: bytes that were overtaken by the next attempt", () => {
    const scenario = withFault({ kind: "stall", link: ["c1", "nsqd1"], forMs: 3000 });
    const story = new Story(scenario, ["c1", "c2"]).fault(90, 0, true).accept(100, 1).deliver(1103, "c2", 1, 2);
    expect(duplicates(story.finish(1110, "c2", 1).fault(3090, 0, false).deliver(3091, "c1", 1, 1))).toEqual([
      "timeout",
    ]);
  });

  test("an attempt number used twice has no licence", () => {
    expect(duplicates(delivered().deliver(1103, "c2", 1, 1))).toEqual([null]);
  });

  test("producer-retry: a publish of unknown outcome was stored, and so was its repetition", () => {
    const story = new Story()
      .publish(100, 1)
      .outcome(102, 1, "publish-unknown")
      .deliver(103, "c1", 1)
      .finish(104, "c1", 1);
    story.publish(200, 2, { repeats: 1 }).outcome(202, 2).deliver(203, "c1", 2).finish(204, "c1", 2);
    expect(buildLedger(story.evidence).duplicates).toMatchObject([{ licence: "producer-retry", msg: 2, place: TOPIC }]);
  });

  test("a repetition of what never arrived is no duplicate", () => {
    const story = new Story().publish(100, 1).outcome(102, 1, "publish-unknown");
    story.publish(200, 2, { repeats: 1 }).outcome(202, 2).deliver(203, "c1", 2).finish(204, "c1", 2);
    expect(duplicates(story)).toEqual([]);
  });
});

describe("losses", () => {
  const held = { depth: 1, "in-flight": 0, deferred: 0 };
  const gone = { depth: 0, "in-flight": 0, deferred: 0 };

  test("finished: nothing is lost", () => {
    expect(losses(delivered().finish(110, "c1", 1).gauges(500, gone).end(500))).toEqual([]);
  });

  test("nothing excuses what nsqd does not hold any more", () => {
    expect(losses(delivered().requeue(110, "c1", 1, 0).gauges(500, gone).end(500))).toEqual([null]);
    expect(losses(new Story().accept(100, 1).gauges(500, gone).end(500))).toEqual([null]);
  });

  test("still-held: nsqd says so", () => {
    expect(losses(new Story().accept(100, 1).gauges(500, held).end(500))).toEqual(["still-held"]);
  });

  test("without gauges: still held when it had nobody to go to, lost when somebody waited for it", () => {
    expect(losses(new Story(storyScenario(), []).join(1, "c1", { rdy: 0 }).accept(100, 1).end(500))).toEqual([
      "still-held",
    ]);
    expect(losses(new Story().accept(100, 1).end(500))).toEqual([null]);
    expect(losses(delivered().end(500))).toEqual(["still-held"]);
  });

  test("memory-at-kill: accepted before nsqd was killed, not seen since", () => {
    expect(losses(killed().gauges(500, gone).end(500))).toEqual(["memory-at-kill"]);
    const seen = killed().join(310, "c1", { conn: 1 }).deliver(320, "c1", 1, 1, { conn: 1 });
    expect(losses(seen.requeue(330, "c1", 1, 0, { conn: 1 }).gauges(500, gone).end(500))).toEqual([null]);
  });

  test("what the files of a killed nsqd held was not in its memory", () => {
    const kept = { process: "nsqd1", place: BILLING, msg: 1 };
    expect(losses(surveyed(1).row(300, "kept", kept).gauges(500, gone).end(500))).toEqual([null]);
    expect(losses(surveyed(1).gauges(500, gone).end(500))).toEqual(["memory-at-kill"]);
  });

  test.each([
    ["unsynced", 2, "unsynced-at-power-loss"],
    ["lost", 1, "disk-lost"],
    ["ignored", 1, null],
    ["damaged", 1, null],
  ])("what is %s after an end of kind %i: %s", (text, detail, licence) => {
    const story = surveyed(detail);
    story.row(300, "unkept", { process: "nsqd1", place: BILLING, msg: 1, text });
    expect(losses(story.gauges(500, gone).end(500))).toEqual([licence]);
  });

  test("ignored-file: only nsqd 1.3 writes before it has a state", () => {
    const story = new Story(storyScenario({ nsqd: { profile: "nsqd-1.3" } })).accept(100, 1);
    story.process(200, "nsqd1", "kill").process(300, "nsqd1", "start");
    story.row(300, "survey", { process: "nsqd1", detail: 1 });
    story.row(300, "unkept", { process: "nsqd1", place: BILLING, msg: 1, text: "ignored" });
    expect(losses(story.gauges(500, gone).end(500))).toEqual(["ignored-file"]);
  });

  test("a clean stop excuses no loss", () => {
    const story = new Story().accept(100, 1).process(200, "nsqd1", "stop").process(201, "nsqd1", "stopped");
    expect(losses(story.process(300, "nsqd1", "start").gauges(500, gone).end(500))).toEqual([null]);
  });

  test("emptied: by an operator, after it was published", () => {
    expect(losses(unready().accept(100, 1).operate(200, "empty", BILLING).gauges(500, gone).end(500))).toEqual([
      "emptied",
    ]);
    expect(losses(unready().operate(50, "empty", BILLING).accept(100, 1).gauges(500, gone).end(500))).toEqual([null]);
    expect(losses(unready().accept(100, 1).operate(200, "delete", TOPIC).end(500))).toEqual(["emptied"]);
  });

  test("given-up: attempts exceeded, although its FIN was taken", () => {
    expect(losses(delivered().giveUp(110, "c1", 1).finish(110, "c1", 1).end(500))).toEqual(["given-up"]);
  });

  test("not given-up: its attempts were not used up, or have no limit", () => {
    expect(losses(delivered().giveUp(110, "c1", 1, 5).finish(110, "c1", 1).end(500))).toEqual([null]);
    const scenario = storyScenario({ consumer: { maxAttempts: 0 } });
    const unlimited = new Story(scenario).accept(100, 1).deliver(105, "c1", 1).giveUp(110, "c1", 1);
    expect(losses(unlimited.finish(110, "c1", 1).end(500))).toEqual([null]);
  });

  test("sampled: a consumer of the channel takes a sample", () => {
    const scenario = storyScenario({ consumer: { config: { sample_rate: 50 } } });
    expect(losses(new Story(scenario).accept(100, 1).gauges(500, gone).end(500))).toEqual(["sampled"]);
  });

  test("ephemeral channels may drop", () => {
    const story = new Story(storyScenario(), []).join(1, "c1", { channel: "live#ephemeral" });
    expect(losses(story.accept(100, 1).gauges(500, gone, "live#ephemeral").end(500))).toEqual(["ephemeral"]);
  });

  test("a late FIN of the first run finishes the second run on the same connection", () => {
    const story = delivered().deliver(1103, "c1", 1, 2).finish(1200, "c1", 1).requeue(1300, "c1", 1, 0);
    story.refuse(1302, "c1", 1, "E_REQ_FAILED REQ 0000000000000001 failed ID not in flight");
    expect(losses(story.gauges(2000, gone).end(2000))).toEqual([]);
  });

  test("a refused FIN finishes nothing", () => {
    const story = delivered().deliver(1103, "c2", 1, 2).finish(1200, "c1", 1);
    story.refuse(1202, "c1", 1, "E_FIN_FAILED FIN 0000000000000001 failed client does not own message");
    expect(losses(story.gauges(2000, { depth: 0, "in-flight": 1, deferred: 0 }).end(2000))).toEqual(["still-held"]);
    expect(losses(story.finish(2000, "c2", 1).end(2001))).toEqual([]);
  });

  test("a channel that came after the OK, while another took the message, owes nothing", () => {
    const story = delivered().finish(110, "c1", 1).join(200, "c3", { channel: "late" });
    expect(losses(story.gauges(500, gone).gauges(500, gone, "late").end(500))).toEqual([]);
  });

  test("the first channel of a topic owes the backlog", () => {
    const story = new Story(storyScenario(), []).accept(10, 1).join(100, "c1").join(200, "c3", { channel: "late" });
    expect(buildLedger(story.gauges(500, gone).end(500).evidence).losses).toMatchObject([
      { licence: null, place: BILLING },
    ]);
  });
});

describe("late deliveries", () => {
  test("in time: within a trip of the OK", () => {
    expect(late(delivered())).toEqual([]);
  });

  test("nothing excuses a wait beside a ready consumer", () => {
    expect(late(new Story().accept(100, 1).deliver(110, "c1", 1))).toEqual([null]);
  });

  test("no-ready-consumer: RDY 0 until shortly before", () => {
    const story = new Story(storyScenario(), []).join(1, "c1", { rdy: 0 }).accept(100, 1).rdy(500, "c1", 1);
    expect(late(story.deliver(502, "c1", 1))).toEqual(["no-ready-consumer"]);
  });

  test("no-ready-consumer: in flight at RDY", () => {
    const story = new Story(storyScenario(), [])
      .join(1, "c1", { rdy: 1 })
      .accept(100, 1)
      .deliver(103, "c1", 1)
      .accept(110, 2);
    expect(late(story.finish(400, "c1", 1).deliver(402, "c1", 2))).toEqual(["no-ready-consumer"]);
  });

  test("queueing: others went first", () => {
    const story = new Story(storyScenario(), []).join(1, "c1", { rdy: 1 });
    for (const msg of [1, 2, 3]) story.publish(100, msg);
    for (const msg of [1, 2, 3]) story.outcome(102, msg);
    for (const msg of [1, 2, 3]) story.deliver(3 + 100 * msg, "c1", msg).finish(100 * msg + 101, "c1", msg);
    expect(late(story)).toEqual(["queueing", "queueing"]);
  });

  test("paused: by an operator", () => {
    const story = new Story().operate(50, "pause", BILLING).accept(100, 1).operate(500, "unpause", BILLING);
    expect(late(story.deliver(503, "c1", 1))).toEqual(["paused"]);
    const topic = new Story().operate(50, "pause", TOPIC).accept(100, 1).operate(500, "unpause", TOPIC);
    expect(late(topic.deliver(503, "c1", 1))).toEqual([]);
  });

  test("no-connection: it was closed and made again", () => {
    const story = new Story().close(90, "c1").accept(100, 1).join(500, "c1", { conn: 1 });
    expect(late(story.deliver(502, "c1", 1, 1, { conn: 1 }))).toEqual(["no-connection"]);
  });

  test("backoff: the consumer's own", () => {
    const story = new Story().backoff(90, "c1", "enter").rdy(90, "c1", 0).accept(100, 1).rdy(500, "c1", 1);
    expect(late(story.deliver(502, "c1", 1))).toEqual(["backoff"]);
  });

  test("fault: the path was held", () => {
    const story = new Story(withFault({ kind: "stall", link: ["c1", "nsqd1"], forMs: 300 })).fault(90, 0, true);
    expect(late(story.accept(100, 1).fault(390, 0, false).deliver(391, "c1", 1))).toEqual(["fault"]);
  });

  test("a held path of one consumer does not excuse another that had room", () => {
    const scenario = withFault({ kind: "stall", link: ["c1", "nsqd1"], forMs: 300 });
    const story = new Story(scenario, ["c1", "c2"]).fault(90, 0, true).accept(100, 1);
    expect(late(story.deliver(300, "c2", 1))).toEqual([null]);
  });

  test("profile exact: a deadline is noticed at once; nsqd-1.3: within 100 ms, 5 s more for a young channel", () => {
    expect(late(delivered().deliver(1150, "c2", 1, 2))).toEqual([null]);
    const scenario = storyScenario({ nsqd: { profile: "nsqd-1.3" } });
    expect(late(delivered(scenario).deliver(5100, "c2", 1, 2))).toEqual([]);
    const old = new Story(scenario, ["c1", "c2"]).accept(6000, 1).deliver(6003, "c1", 1);
    expect(late(old.deliver(7102, "c2", 1, 2))).toEqual([]);
    const slow = new Story(scenario, ["c1", "c2"]).accept(6000, 1).deliver(6003, "c1", 1);
    expect(late(slow.deliver(7110, "c2", 1, 2))).toEqual([null]);
  });

  test("a delayed publish is due at its delay after it reached the channel", () => {
    expect(late(new Story().accept(100, 1, 50).deliver(153, "c1", 1))).toEqual([]);
    expect(late(new Story().accept(100, 1, 50).deliver(163, "c1", 1))).toEqual([null]);
  });
});
