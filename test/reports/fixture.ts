import { randomStream } from "../../core/random.ts";
import { History } from "../../sim/history.ts";
import type { LedgerEntry, Run } from "../../sim/result.ts";
import type { DuplicateLicence, Scenario } from "../../sim/scenario/types.ts";

const TIMEOUT = 60_000;

interface Planned {
  readonly at: number;
  readonly act: () => void;
}

/**
 * A run that no simulator made: one producer, one nsqd, two consumers; c1 is killed half-way with messages in its
 * handlers, which c2 gets at their deadlines. `messages` says how large it is, about eleven rows each.
 */
export function madeUpRun(messages: number, text = "orders"): Run {
  return new Maker(messages, text).make();
}

class Maker {
  private readonly history = new History();
  private readonly random = randomStream(7, "fixture");
  private readonly duplicates: LedgerEntry<DuplicateLicence>[] = [];
  private readonly messages: number;
  private readonly topic: string;
  private readonly period: number;
  private readonly length: number;
  private readonly killAt: number;
  private plan: Planned[] = [];
  private depth = 0;
  private inFlight = 0;

  constructor(messages: number, topic: string) {
    this.messages = messages;
    this.topic = topic;
    this.period = messages > 5_000 ? 500 : 4_000;
    this.length = messages * this.period + 2 * TIMEOUT;
    this.killAt = Math.floor((messages * this.period) / 2);
  }

  make(): Run {
    const { history } = this;
    for (const process of ["nsqd1", "p1", "c1", "c2"])
      history.record({ atUs: 0, kind: "process", process, text: "start" });
    for (const process of ["c1", "c2"]) this.connect(process);
    for (let msg = 1; msg <= this.messages; msg += 1) this.publish(msg);
    this.at(this.killAt, () => {
      history.record({ atUs: this.killAt, kind: "fault", process: "c1", value: 0, detail: 1, text: "kill" });
      history.record({ atUs: this.killAt, kind: "process", process: "c1", text: "kill" });
      history.record({
        atUs: this.killAt,
        kind: "close",
        process: "c1",
        peer: "nsqd1",
        conn: 0,
        text: "process killed",
      });
    });
    this.plan.sort((a, b) => a.at - b.at);
    for (let next = 0; next < this.plan.length; next += 1) {
      this.plan[next]!.act();
      if (next % 50 === 0) this.gauge(this.plan[next]!.at);
    }
    history.record({ atUs: this.length, kind: "phase", text: "end" });
    return this.judged();
  }

  private at(at: number, act: () => void): void {
    this.plan.push({ at, act });
  }

  private connect(process: string): void {
    const base = { process, peer: "nsqd1", place: `${this.topic}/billing`, conn: 0 } as const;
    this.history.record({ ...base, atUs: 2_000, kind: "connect" });
    this.history.record({ ...base, atUs: 4_000, kind: "subscribe", value: TIMEOUT });
    this.history.record({ ...base, atUs: 4_500, kind: "rdy", value: 5 });
  }

  private publish(msg: number): void {
    const at = 6_000 + msg * this.period;
    const { history, topic } = this;
    const client = { process: "p1", peer: "nsqd1", place: topic, msg, conn: 0 } as const;
    this.at(at, () => history.record({ ...client, atUs: at, kind: "publish", detail: -1, text: "PUB" }));
    this.at(at + 1_500, () => {
      this.depth += 1;
      history.record({ atUs: at + 1_500, kind: "broker-accept", process: "nsqd1", place: topic, msg });
    });
    this.at(at + 3_000, () => history.record({ ...client, atUs: at + 3_000, kind: "publish-ok" }));
    this.deliver(msg, at + 1_600, 1, msg % 2 === 0 ? "c1" : "c2");
  }

  private deliver(msg: number, at: number, attempts: number, consumer: string): void {
    const { history } = this;
    const place = `${this.topic}/billing`;
    const lag = this.random.integer(800, 3_500);
    const base = { process: consumer, peer: "nsqd1", place, msg, conn: 0 } as const;
    const work = this.random.integer(1_000, 14_000);
    const dies = consumer === "c1" && at + lag + work > this.killAt;
    const row = (delay: number, act: (atUs: number) => void): void => {
      if (dies && delay > 0 && at + delay >= this.killAt) return;
      this.at(at + delay, () => act(at + delay));
    };
    if (consumer === "c1" && at >= this.killAt) return this.deliver(msg, at, attempts, "c2");
    row(0, (atUs) => {
      this.depth -= attempts === 1 ? 1 : 0;
      this.inFlight += 1;
      history.record({ atUs, kind: "broker-send", process: "nsqd1", place, msg, value: attempts });
    });
    row(lag, (atUs) => {
      const seq = history.record({ ...base, atUs, kind: "deliver", value: attempts });
      if (attempts > 1) this.duplicate(msg, place, seq);
    });
    row(lag + 20, (atUs) => history.record({ ...base, atUs, kind: "handle", value: attempts }));
    if (dies) return this.timeout(msg, at, attempts);
    row(lag + work, (atUs) => history.record({ ...base, atUs, kind: "handled", value: attempts, text: "ok" }));
    row(lag + work + 10, (atUs) => history.record({ ...base, atUs, kind: "finish" }));
    row(lag + work + 1_500, (atUs) => {
      this.inFlight -= 1;
      history.record({ atUs, kind: "broker-finish", process: "nsqd1", place, msg });
    });
  }

  private timeout(msg: number, at: number, attempts: number): void {
    const place = `${this.topic}/billing`;
    this.at(at + TIMEOUT, () => {
      this.inFlight -= 1;
      this.history.record({ atUs: at + TIMEOUT, kind: "broker-timeout", process: "nsqd1", place, msg });
    });
    this.deliver(msg, at + TIMEOUT + 100, attempts + 1, "c2");
  }

  private duplicate(msg: number, place: string, seq: number): void {
    const text = "delivered to c1, which was killed before the deadline; c2 got it again";
    this.duplicates.push({ msg, place, licence: "consumer-crash", rows: [seq], text });
  }

  private gauge(atUs: number): void {
    const base = { atUs, kind: "gauge", process: "nsqd1", place: `${this.topic}/billing` } as const;
    this.history.record({ ...base, value: this.depth, text: "depth" });
    this.history.record({ ...base, value: this.inFlight, text: "in-flight" });
    this.history.record({ ...base, value: 0, text: "deferred" });
  }

  private judged(): Run {
    const { history, messages, duplicates } = this;
    return {
      scenario: this.scenario(),
      world: "sim",
      history,
      hash: history.hash(),
      verdicts: [
        {
          property: "P2",
          outcome: "pass",
          summary: `${messages} accepted messages finished`,
          looked: messages,
          violations: [],
          violationCount: 0,
        },
        {
          property: "P5",
          outcome: "fail",
          summary: "one message had two owners",
          looked: messages,
          violations: [{ text: "message 2 was with c1 and c2 at 0.064 s", msg: 2, rows: [20, 30] }],
          violationCount: 14,
        },
        {
          property: "P6",
          outcome: "unknown",
          summary: "nothing was deferred",
          looked: 0,
          violations: [],
          violationCount: 0,
        },
      ],
      ledger: {
        published: messages,
        accepted: messages,
        failed: 0,
        unknown: 0,
        delivered: messages + duplicates.length,
        finished: messages,
        duplicates,
        losses: [],
        late: [{ msg: 1, place: `${this.topic}/billing`, licence: null, rows: [], text: "12 ms later than its bound" }],
        effects: null,
      },
      expectations: [
        {
          path: "expect.duplicates.consumer-crash",
          expected: "at least 1",
          found: String(duplicates.length),
          met: true,
        },
        { path: "expect.delivered", expected: "3", found: "4", met: false },
      ],
      outcome: "fail",
      faultsFired: 1,
      agendaEvents: 0,
      virtualUs: this.length,
    };
  }

  private scenario(): Scenario {
    return {
      name: "made-up-crash",
      catalogue: "S02",
      question: "What happens to messages whose consumer dies?",
      answer: "Their deadlines pass, then another consumer gets them.",
      seed: 7,
      durationMs: this.length / 1_000,
      recoveryMs: 1_000,
      nsqd: [{ name: "nsqd1" }],
      producers: [{ name: "p1", nsqd: ["nsqd1"], workload: [{ topic: this.topic, count: this.messages, everyMs: 4 }] }],
      consumers: ["c1", "c2"].map((name) => ({ name, nsqd: ["nsqd1"], topic: this.topic, channel: "billing" })),
      faults: [{ trigger: { atMs: this.killAt / 1_000 }, do: { kind: "kill", process: "c1" } }],
    };
  }
}
