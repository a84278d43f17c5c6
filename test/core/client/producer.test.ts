import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_CLIENT_CONFIG } from "../../../core/client/config.ts";
import type { PublishOutcome } from "../../../core/client/observer.ts";
import { Producer } from "../../../core/client/producer.ts";
import { bytesOf } from "../../../core/protocol/text.ts";
import { MILLISECOND, SECOND } from "../../../core/time.ts";
import { FakeHost, FakeNsqd } from "./fake.ts";

const A = "nsqd1:4150";

interface World {
  readonly host: FakeHost;
  readonly nsqd: FakeNsqd;
  readonly producer: Producer;
  readonly log: string[];
  /** Publishes and gives the list that the outcome will be put into. */
  readonly publish: (text: string, topic?: string) => PublishOutcome[];
}

function world(): World {
  const host = new FakeHost();
  const nsqd = new FakeNsqd(host, A);
  const log: string[] = [];
  const producer = new Producer(host, A, DEFAULT_CLIENT_CONFIG, {
    connected: (conn) => log.push(`connected ${conn}`),
    closed: (conn, cause) => log.push(`closed ${conn} ${cause}`),
    connectFailed: (cause) => log.push(`failed ${cause}`),
    sent: (conn) => log.push(`sent ${conn}`),
  });
  const publish = (text: string, topic = "t"): PublishOutcome[] => {
    const outcomes: PublishOutcome[] = [];
    host.step(() => producer.publish(topic, bytesOf(text), (outcome) => outcomes.push(outcome)));
    return outcomes;
  };
  return { host, nsqd, producer, log, publish };
}

describe("publishing", () => {
  test("connects at the first publish; what was queued meanwhile follows the handshake in one write", () => {
    const { host, nsqd, producer, log, publish } = world();
    expect(nsqd.connections.length).toBe(0);
    const one = publish("one");
    const two = publish("two");
    host.settle();
    expect(nsqd.last.taken().slice(2)).toEqual(["PUB t one", "PUB t two"]);
    expect(log).toEqual(["connected 0", "sent 0", "sent 0"]);
    expect(producer.outstanding).toBe(2);
    nsqd.last.response("OK");
    expect([one, two]).toEqual([[{ kind: "ok" }], []]);
    nsqd.last.response("OK");
    expect(two).toEqual([{ kind: "ok" }]);
    expect(producer.outstanding).toBe(0);
    publish("three");
    expect(log.splice(3)).toEqual(["sent 0"]);
  });

  test("MPUB and DPUB on the wire", () => {
    const { host, nsqd, producer } = world();
    host.step(() => {
      producer.multiPublish("t", [bytesOf("a"), bytesOf("bc")], () => {});
      producer.deferredPublish("t", 1_500 * MILLISECOND + 999, bytesOf("later"), () => {});
      producer.ping(() => {});
    });
    host.settle();
    expect(nsqd.last.taken().slice(2)).toEqual([
      "MPUB t \0\0\0\x02\0\0\0\x01a\0\0\0\x02bc",
      "DPUB t 1500 later",
      "NOP",
    ]);
  });

  test("bad input ends here: nothing is sent, not even a connection made", () => {
    const { host, nsqd, producer, publish } = world();
    const outcomes: PublishOutcome[] = [];
    const keep = (outcome: PublishOutcome): void => void outcomes.push(outcome);
    host.step(() => {
      producer.publish("t", new Uint8Array(0), keep);
      producer.multiPublish("t", [], keep);
      producer.multiPublish("t", [bytesOf("a"), new Uint8Array(0)], keep);
      producer.deferredPublish("t", -1, bytesOf("a"), keep);
      expect(outcomes).toEqual([]);
    });
    outcomes.push(...publish("x", "no spaces"));
    host.settle();
    expect(outcomes.map((outcome) => (outcome.kind === "error" ? outcome.error : outcome.kind))).toEqual([
      "a body of 0 bytes cannot be published",
      "a batch of 0 bodies cannot be published",
      "a body of 0 bytes cannot be published",
      "a delay of -1 µs cannot be published",
      'topic name "no spaces" is not valid',
    ]);
    expect(nsqd.connections.length).toBe(0);
  });

  test("the body is copied: the caller may reuse it", () => {
    const { host, nsqd, producer } = world();
    const body = bytesOf("before");
    host.step(() => {
      producer.publish("t", body, () => {});
      body.set(bytesOf("after!"));
    });
    host.settle();
    expect(nsqd.last.taken().at(-1)).toBe("PUB t before");
  });

  test("a large body goes out whole", () => {
    const { nsqd, host, publish } = world();
    publish("x".repeat(100_000));
    publish("y".repeat(20_000));
    host.settle();
    expect(nsqd.last.taken().map((command) => command.length)).toEqual([6, expect.any(Number), 100_006, 20_006]);
  });
});

describe("failures", () => {
  test("an error frame is that publish's; its neighbours in the pipe are unknown", () => {
    const { host, nsqd, log, publish } = world();
    const [one, two, three] = [publish("1"), publish("2"), publish("3")];
    host.settle();
    nsqd.last.response("OK");
    nsqd.last.error("E_BAD_MESSAGE PUB message too big 2 > 1");
    expect(one).toEqual([{ kind: "ok" }]);
    expect(two).toEqual([{ kind: "error", error: "E_BAD_MESSAGE PUB message too big 2 > 1" }]);
    expect(three).toEqual([{ kind: "unknown", reason: "E_BAD_MESSAGE PUB message too big 2 > 1" }]);
    expect(log.at(-1)).toBe("closed 0 E_BAD_MESSAGE PUB message too big 2 > 1");
    publish("4");
    host.settle();
    expect(nsqd.connections.length).toBe(2);
    expect(nsqd.last.taken().at(-1)).toBe("PUB t 4");
  });

  test("no connection: not-sent, and the next publish tries again", () => {
    const { host, nsqd, log, publish } = world();
    nsqd.mode = "refuse";
    const first = publish("1");
    host.settle();
    expect(first).toEqual([{ kind: "not-sent", reason: "refused" }]);
    nsqd.mode = "hang";
    const second = publish("2");
    host.advance(SECOND);
    expect(second).toEqual([{ kind: "not-sent", reason: "dial timeout" }]);
    nsqd.mode = "accept";
    const third = publish("3");
    host.settle();
    nsqd.last.response("OK");
    expect(third).toEqual([{ kind: "ok" }]);
    expect(log).toEqual(["failed refused", "failed dial timeout", "connected 0", "sent 0"]);
  });

  test("what waits behind a full socket was not sent when the connection goes", () => {
    const { host, nsqd, publish } = world();
    publish("0");
    host.settle();
    nsqd.last.full = true;
    const handed = publish("1");
    const kept = publish("2");
    host.advance(SECOND);
    expect(handed).toEqual([{ kind: "unknown", reason: "write timeout" }]);
    expect(kept).toEqual([{ kind: "not-sent", reason: "write timeout" }]);
  });

  test("IDENTIFY refused: not-sent, with nsqd's words", () => {
    const { host, nsqd, publish } = world();
    nsqd.reply = () => "E_BAD_BODY IDENTIFY heartbeat interval (1) is invalid";
    const outcome = publish("1");
    host.settle();
    expect(outcome).toEqual([{ kind: "not-sent", reason: "E_BAD_BODY IDENTIFY heartbeat interval (1) is invalid" }]);
  });

  test.each([
    ["an answer to nothing", "OK", 0, "a frame that answers nothing: OK"],
    ["a response that is no OK", "CLOSE_WAIT", 1, 'unexpected response "CLOSE_WAIT"'],
  ])("%s closes", (_name, response, publishes, cause) => {
    const { host, nsqd, producer, log, publish } = world();
    host.step(() => producer.ping(() => {}));
    const outcomes = Array.from({ length: publishes }, () => publish("x"));
    host.settle();
    nsqd.last.response(response);
    expect(log.at(-1)).toBe(`closed 0 ${cause}`);
    for (const outcome of outcomes) expect(outcome).toMatchObject([{ kind: "unknown" }]);
  });

  test("a message frame closes", () => {
    const { host, nsqd, producer, log } = world();
    host.step(() => producer.ping(() => {}));
    host.settle();
    nsqd.last.message(1);
    expect(log.at(-1)).toBe("closed 0 unexpected message frame");
  });

  test("stop ends what is open, and refuses what comes later", () => {
    const { host, producer, publish } = world();
    const open = publish("1");
    host.settle();
    host.step(() => producer.stop());
    expect(open).toEqual([{ kind: "unknown", reason: "stopped" }]);
    expect(publish("2")).toEqual([{ kind: "not-sent", reason: "stopped" }]);
  });

  test("ping is ok once the handshake is over, and not-sent without it", () => {
    const { host, nsqd, producer } = world();
    const outcomes: PublishOutcome[] = [];
    nsqd.mode = "refuse";
    host.step(() => producer.ping((outcome) => outcomes.push(outcome)));
    host.settle();
    nsqd.mode = "accept";
    host.step(() => producer.ping((outcome) => outcomes.push(outcome)));
    host.settle();
    expect(outcomes).toEqual([{ kind: "not-sent", reason: "refused" }, { kind: "ok" }]);
  });
});

type Move =
  | { readonly do: "publish"; readonly size: number }
  | { readonly do: "ok" | "error" | "cut" | "fin" | "drain" | "fill" | "settle" }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "mode"; readonly mode: "accept" | "refuse" | "hang" };

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("publish" as const), size: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom("ok" as const, "settle" as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("error" as const, "cut" as const, "fin" as const, "fill" as const, "drain" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 1_500 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("mode" as const),
      mode: fc.constantFrom("accept" as const, "refuse" as const, "hang" as const),
    }),
  },
);

/** Answers exactly as many publishes as the end has read, in order. */
class Answerer {
  private readonly nsqd: FakeNsqd;
  private readonly acknowledged: Set<string>;
  private readonly answered = new Map<object, number>();

  constructor(nsqd: FakeNsqd, acknowledged: Set<string>) {
    this.nsqd = nsqd;
    this.acknowledged = acknowledged;
  }

  answer(kind: "ok" | "error"): void {
    const end = this.nsqd.connections.at(-1);
    if (end === undefined || !end.alive) return;
    const done = this.answered.get(end) ?? 0;
    const publishes = end.commands.filter((command) => command.startsWith("PUB"));
    const next = publishes[done];
    if (next === undefined) return;
    this.answered.set(end, done + 1);
    if (kind === "error") {
      end.error("E_PUB_FAILED PUB failed exiting");
      return;
    }
    this.acknowledged.add(next.slice("PUB t ".length));
    end.response("OK");
  }
}

test("every publish gets exactly one outcome: ok only if nsqd said so, not-sent only if nsqd never had it", () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
      const { host, nsqd, producer } = world();
      const outcomes: PublishOutcome[][] = [];
      const bodies: string[] = [];
      const acknowledged = new Set<string>();
      const answerer = new Answerer(nsqd, acknowledged);
      for (const step of moves) {
        const end = nsqd.connections.at(-1);
        if (step.do === "publish") {
          const mine: PublishOutcome[] = [];
          const body = `${bodies.length} ${"x".repeat(step.size)}`;
          outcomes.push(mine);
          bodies.push(body);
          host.step(() => producer.publish("t", bytesOf(body), (outcome) => mine.push(outcome)));
        } else if (step.do === "ok" || step.do === "error") answerer.answer(step.do);
        else if (step.do === "cut") end?.lose("reset");
        else if (step.do === "fin") end?.finish();
        else if (step.do === "fill" && end !== undefined) end.full = true;
        else if (step.do === "drain" && end?.full === true && end.alive) end.drain();
        else if (step.do === "settle") host.settle();
        else if (step.do === "wait") host.advance(step.ms * MILLISECOND);
        else if (step.do === "mode") nsqd.mode = step.mode;
      }
      host.advance(2 * SECOND);
      host.step(() => producer.stop());
      host.settle();
      const received = new Set(nsqd.connections.flatMap(({ commands }) => commands));
      for (const [index, mine] of outcomes.entries()) {
        expect(mine.length).toBe(1);
        const { kind } = mine[0]!;
        expect(kind === "ok").toBe(acknowledged.has(bodies[index]!));
        if (kind === "not-sent") expect(received).not.toContain(`PUB t ${bodies[index]}`);
        if (kind === "error") expect(received).toContain(`PUB t ${bodies[index]}`);
      }
    }),
  );
});
