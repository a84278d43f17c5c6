import { describe, expect, test } from "vitest";
import type { HistoryEvent } from "../../../sim/history.ts";
import { simulate } from "../../../sim/run.ts";
import type { BehaviourSpec, ConsumerSpec, ProducerSpec, Scenario } from "../../../sim/scenario/types.ts";
import { at, small } from "../small.ts";

function eventsOf(changes: Partial<Scenario>): HistoryEvent[] {
  return [...simulate(small(changes), { judge: false }).history.events()];
}

function producer(changes: Partial<ProducerSpec>): Partial<Scenario> {
  return { producers: [{ ...small().producers[0]!, ...changes }] };
}

function consumer(changes: Partial<ConsumerSpec>): Partial<Scenario> {
  return { consumers: [{ ...small().consumers[0]!, ...changes }] };
}

/** One consumer with these behaviours, and so many messages at once. */
function handling(
  count: number,
  handler: readonly BehaviourSpec[],
  changes: Partial<ConsumerSpec> = {},
): HistoryEvent[] {
  const workload = [{ topic: "orders", startMs: 100, count, everyMs: 0 }];
  return eventsOf({ ...producer({ workload }), ...consumer({ handler, ...changes }) });
}

function of(events: readonly HistoryEvent[], ...kinds: string[]): HistoryEvent[] {
  return events.filter(({ kind }) => kinds.includes(kind));
}

describe("a producer", () => {
  test("publishes on schedule, in batches as MPUB, and the rest in the last one", () => {
    const workload = [{ topic: "orders", startMs: 100, count: 7, everyMs: 20, batch: 3 }];
    const publishes = of(eventsOf(producer({ workload })), "publish");
    expect(publishes.map(({ atUs }) => atUs / 1_000)).toEqual([100, 100, 100, 120, 120, 120, 140]);
    expect(new Set(publishes.map(({ text }) => text))).toEqual(new Set(["MPUB"]));
  });

  test("goes round its nsqds, each message to one", () => {
    const nsqd = ["nsqd1", "nsqd2", "nsqd3"];
    const events = eventsOf({ nsqd: nsqd.map((name) => ({ name })), ...producer({ nsqd }), ...consumer({ nsqd }) });
    const peers = of(events, "publish").map(({ peer }) => peer);
    expect(peers.slice(0, 4)).toEqual(["nsqd1", "nsqd2", "nsqd3", "nsqd1"]);
    expect(of(events, "finish")).toHaveLength(100);
  });

  test("defers with DPUB", () => {
    const workload = [{ topic: "orders", startMs: 500, count: 1, everyMs: 0, delayMs: 300 }];
    const events = eventsOf(producer({ workload }));
    expect(of(events, "publish")).toMatchObject([{ text: "DPUB", value: 300_000 }]);
    expect(of(events, "deliver")[0]!.atUs).toBeGreaterThanOrEqual(800_000);
  });

  test("retries an unknown outcome as a new message that names the first, so often as allowed", () => {
    const retry = { onError: false, onUnknown: true, delayMs: 50, limit: 2 };
    const cut = { kind: "cut", link: ["p1", "nsqd1"], direction: "backward", forMs: 10 } as const;
    const workload = [{ topic: "orders", startMs: 100, count: 1, everyMs: 0 }];
    const events = eventsOf({
      ...producer({ retry, workload }),
      faults: [{ trigger: { after: { kind: "broker-accept" }, repeat: { times: 5 } }, do: cut }],
    });
    const publishes = of(events, "publish").map(({ msg, detail }) => [msg, detail]);
    expect(publishes).toEqual([
      [1, -1],
      [2, 1],
      [3, 1],
    ]);
    expect(of(events, "publish-unknown")).toHaveLength(3);
    expect(of(events, "finish").map(({ msg }) => msg)).toEqual([1, 2, 3]);
  });

  test("what was never sent is an error, not unknown", () => {
    const workload = [{ topic: "orders", startMs: 500, count: 1, everyMs: 0 }];
    const events = eventsOf({ ...producer({ workload }), faults: [at(400, { kind: "kill", process: "nsqd1" })] });
    expect(of(events, "publish-error")).toMatchObject([{ msg: 1, text: expect.stringMatching(/^not sent: /) }]);
  });
});

describe("a consumer", () => {
  test("handles no more at a time than its concurrency", () => {
    let busy = 0;
    let most = 0;
    for (const { kind } of handling(50, [{ takeMs: 10 }], { maxInFlight: 20, concurrency: 3 })) {
      if (kind === "handle") busy += 1;
      if (kind === "handled") busy -= 1;
      most = Math.max(most, busy);
    }
    expect(most).toBe(3);
  });

  test("answers as its behaviour says, and says so", () => {
    const outcomes = ["finish", "fail", "throw", "requeue", "silent"] as const;
    const handler = outcomes.map((outcome, index) => ({
      when: { messages: [index + 1], attempts: 1 },
      outcome,
      ...(outcome === "requeue" ? { requeueDelayMs: 70 } : {}),
    }));
    const config = { msg_timeout: "1s", default_requeue_delay: "40ms", max_backoff_duration: "0s" };
    const events = handling(5, handler, { config });
    const first = of(events, "handled").filter(({ value }) => value === 1);
    expect(first.map(({ msg, text }) => [msg, text])).toEqual([
      [1, "ok"],
      [2, "fail"],
      [3, "throw"],
      [4, "requeue"],
      [5, "silent"],
    ]);
    expect(of(events, "requeue").map(({ msg, value }) => [msg, value])).toEqual([
      [2, 40_000],
      [3, 40_000],
      [4, 70_000],
    ]);
    expect(of(events, "broker-timeout").map(({ msg }) => msg)).toEqual([5]);
    expect(of(events, "finish")).toHaveLength(5);
  });

  test("touches while it works, and not after", () => {
    const events = handling(1, [{ takeMs: 350, touchEveryMs: 100 }]);
    const [handle] = of(events, "handle");
    expect(of(events, "touch").map(({ atUs }) => (atUs - handle!.atUs) / 1_000)).toEqual([100, 200, 300]);
  });

  test("blocking work runs one after the other, and nothing else runs meanwhile", () => {
    const events = handling(3, [{ takeMs: 200, blocking: true }], { maxInFlight: 10, concurrency: 10 });
    const spans = of(events, "handle", "handled").map(({ kind, msg }) => `${kind} ${msg}`);
    expect(spans).toEqual(["handle 1", "handled 1", "handle 2", "handled 2", "handle 3", "handled 3"]);
    const [begin, end] = [of(events, "handle")[0]!.atUs, of(events, "handled")[2]!.atUs];
    expect(end - begin).toBe(600_000);
    const ours = events.filter(({ process, atUs }) => process === "c1" && atUs > begin && atUs < end);
    expect(new Set(ours.map(({ kind }) => kind))).toEqual(new Set(["handle", "handled", "finish", "process"]));
    const finishes = of(events, "broker-finish");
    expect(finishes[0]!.atUs).toBeGreaterThan(begin + 200_000);
  });

  test("an answer that nsqd refuses is put to the message it was for", () => {
    const late = [{ when: { attempts: 1 }, takeMs: 1_500 }, { takeMs: 0 }];
    const events = handling(1, late, { maxInFlight: 1, concurrency: 2 });
    expect(of(events, "answer-error")).toMatchObject([{ msg: 1, text: expect.stringMatching(/^E_FIN_FAILED/) }]);
  });
});

test("an operator's commands are recorded when they are sent and when they are answered", () => {
  const events = eventsOf({
    operations: [
      { atMs: 100, nsqd: "nsqd1", topic: "orders", channel: "audit", do: "create" },
      { atMs: 200, nsqd: "nsqd1", topic: "nothing", do: "pause" },
    ],
  });
  expect(of(events, "operate").map(({ place, value, text }) => [place, value, text])).toEqual([
    ["orders/audit", 0, "create"],
    ["orders/audit", 200, "create"],
    ["nothing", 0, "pause"],
    ["nothing", 404, "pause"],
  ]);
});

describe("a refused answer", () => {
  test("is told of the message that this consumer had, though one of another topic has the same id", () => {
    const [consumer] = small().consumers;
    const topics = ["orders", "bills"];
    const workload = topics.map((topic) => ({ topic, startMs: 500, count: 1, everyMs: 0 }));
    const slow = { takeMs: 1_500, outcome: "finish" } as const;
    const events = eventsOf({
      network: { latency: 1 },
      producers: [{ name: "p1", nsqd: ["nsqd1"], workload }],
      consumers: topics.map((topic, index) => ({ ...consumer!, name: `c${index + 1}`, topic, handler: [slow] })),
    });
    const ids = new Set(of(events, "deliver").map(({ id }) => id));
    expect(ids.size).toBe(1);
    const refused = of(events, "answer-error").map(({ process, msg }) => `${process} ${msg}`);
    expect(new Set(refused)).toEqual(new Set(["c1 1", "c2 2"]));
  });
});
