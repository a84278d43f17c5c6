import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseClientConfig } from "../../../core/client/config.ts";
import { Consumer } from "../../../core/client/consumer.ts";
import type { Message } from "../../../core/client/message.ts";
import { MILLISECOND } from "../../../core/time.ts";
import { FakeHost, FakeNsqd, type FakeEnd } from "./fake.ts";

const ADDRESSES = ["nsqd1:4150", "nsqd2:4150", "nsqd3:4150", "nsqd4:4150"];

/** A consumer of four nsqds whose RDY is known from what they read, and from nothing else. */
class Fleet {
  readonly host: FakeHost;
  readonly nsqds: FakeNsqd[];
  readonly consumer: Consumer;
  readonly messages: Message[] = [];
  maxInFlight: number;
  inBackoff = false;
  private numbers = 0;
  private readonly rdy = new Map<FakeEnd, number>();

  constructor(maxInFlight: number, seed = "fleet") {
    this.host = new FakeHost(seed);
    this.nsqds = ADDRESSES.map((address) => new FakeNsqd(this.host, address));
    this.maxInFlight = maxInFlight;
    const config = parseClientConfig({ max_in_flight: maxInFlight, lookupd_poll_interval: "20s", max_attempts: 0 });
    this.consumer = new Consumer(this.host, "t", "c", config, 1_000, (message) => this.messages.push(message), {
      backoff: (phase) => (this.inBackoff = phase !== "leave"),
    });
  }

  connect(count: number): void {
    for (const address of ADDRESSES.slice(0, count)) this.host.step(() => this.consumer.connect(address));
    this.host.settle();
  }

  ends(): FakeEnd[] {
    return this.nsqds.flatMap(({ connections }) => connections).filter(({ alive }) => alive);
  }

  /** RDY as the nsqds know it, for each live connection in the order of the nsqds. */
  read(): number[] {
    return this.ends().map((end) => {
      for (const command of end.taken()) {
        if (command.startsWith("RDY ")) this.rdy.set(end, Number(command.slice(4)));
      }
      return this.rdy.get(end) ?? 0;
    });
  }

  sum(): number {
    return this.read().reduce((sum, count) => sum + count, 0);
  }

  /** A live nsqd with room sends a message. */
  deliver(index: number): void {
    const counts = this.read();
    const at = index % Math.max(1, counts.length);
    if ((counts[at] ?? 0) === 0) return;
    this.numbers += 1;
    this.ends()[at]!.message(this.numbers);
  }

  /** Heartbeats keep the connections; so much time passes. */
  pass(ms: number): void {
    for (let left = ms; left > 0; left -= 10_000) {
      for (const end of this.ends()) end.response("_heartbeat_");
      this.host.advance(Math.min(left, 10_000) * MILLISECOND);
    }
  }
}

describe("sharing", () => {
  test.each([
    [10, [10], [5, 5], [3, 3, 3], [2, 2, 2, 2]],
    [3, [3], [1, 1], [1, 1, 1], [1, 1, 1, 0]],
    [1, [1], [1, 0], [1, 0, 0], [1, 0, 0, 0]],
    [0, [0], [0, 0], [0, 0, 0], [0, 0, 0, 0]],
  ])("max-in-flight %i over one to four connections", (maxInFlight, ...expected) => {
    expected.forEach((counts, index) => {
      const fleet = new Fleet(maxInFlight);
      fleet.connect(index + 1);
      expect(fleet.read()).toEqual(counts);
    });
  });

  test("a connection that closes leaves its share to the others", () => {
    const fleet = new Fleet(12);
    fleet.connect(3);
    expect(fleet.read()).toEqual([4, 4, 4]);
    fleet.nsqds[1]!.last.lose("reset");
    expect(fleet.read()).toEqual([6, 6]);
    fleet.pass(20_000);
    expect(fleet.read()).toEqual([4, 4, 4]);
  });

  test("more connections than max-in-flight: idle ones give their turn to others, busy ones too after low_rdy_timeout", () => {
    const fleet = new Fleet(2);
    fleet.connect(4);
    expect(fleet.read()).toEqual([1, 1, 0, 0]);
    const turns = [0, 0, 0, 0];
    for (let second = 0; second < 300; second += 1) {
      fleet.pass(1_000);
      fleet.read().forEach((count, index) => (turns[index]! += count));
      expect(fleet.sum()).toBe(2);
      fleet.deliver(0);
      for (const message of fleet.messages.splice(0)) fleet.host.step(() => message.finish());
    }
    for (const turn of turns) expect(turn).toBeGreaterThan(30);
  });
});

describe("never stuck", () => {
  test("the connection that tests the water closes before its message: another takes over", () => {
    const fleet = new Fleet(4);
    fleet.connect(2);
    fleet.deliver(0);
    fleet.host.step(() => fleet.messages.pop()!.requeue(0));
    fleet.pass(2_000);
    expect(fleet.sum()).toBe(1);
    const testing = fleet.ends()[fleet.read().indexOf(1)]!;
    testing.lose("reset");
    fleet.pass(5_000);
    expect(fleet.read()).toEqual([1]);
    fleet.deliver(0);
    fleet.host.step(() => fleet.messages.pop()!.finish());
    expect(fleet.read()).toEqual([4]);
  });

  test("the only connection closes in backoff, with its message unanswered", () => {
    const fleet = new Fleet(4);
    fleet.connect(1);
    fleet.deliver(0);
    const [held] = fleet.messages.splice(0);
    fleet.deliver(0);
    fleet.host.step(() => fleet.messages.pop()!.requeue(0));
    fleet.nsqds[0]!.last.lose("reset");
    fleet.host.step(() => held!.finish());
    fleet.pass(30_000);
    expect(fleet.read()).toEqual([1]);
    fleet.deliver(0);
    fleet.host.step(() => fleet.messages.pop()!.finish());
    expect(fleet.read()).toEqual([4]);
  });

  test("paused during backoff, resumed after the wait", () => {
    const fleet = new Fleet(4);
    fleet.connect(1);
    fleet.deliver(0);
    fleet.host.step(() => fleet.messages.pop()!.requeue(0));
    fleet.host.step(() => fleet.consumer.setMaxInFlight(0));
    fleet.pass(30_000);
    expect(fleet.read()).toEqual([0]);
    fleet.host.step(() => fleet.consumer.setMaxInFlight(4));
    fleet.pass(1_000);
    expect(fleet.read()).toEqual([1]);
    fleet.host.step(() => fleet.consumer.setMaxInFlight(0));
    expect(fleet.read()).toEqual([0]);
    fleet.host.step(() => fleet.consumer.setMaxInFlight(2));
    fleet.pass(5_000);
    expect(fleet.read()).toEqual([1]);
  });
});

type Move =
  | { readonly do: "deliver" | "lose" | "refuse" | "accept"; readonly which: number }
  | { readonly do: "finish" | "requeue" | "fail"; readonly which: number }
  | { readonly do: "pass"; readonly ms: number }
  | { readonly do: "limit"; readonly count: number };

const which = fc.nat({ max: 3 });
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("deliver" as const), which }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom("finish" as const, "requeue" as const, "fail" as const), which }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom("lose" as const, "refuse" as const, "accept" as const), which }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.nat({ max: 30_000 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("limit" as const), count: fc.nat({ max: 9 }) }) },
);

function apply(fleet: Fleet, step: Move): void {
  const { host, messages } = fleet;
  if (step.do === "deliver") fleet.deliver(step.which);
  else if (step.do === "lose") fleet.nsqds[step.which]!.connections.at(-1)?.lose("reset");
  else if (step.do === "refuse" || step.do === "accept") fleet.nsqds[step.which]!.mode = step.do;
  else if (step.do === "pass") fleet.pass(step.ms);
  else if (step.do === "limit") {
    fleet.maxInFlight = step.count;
    host.step(() => fleet.consumer.setMaxInFlight(step.count));
  } else {
    const [message] = messages.splice(step.which % Math.max(1, messages.length), 1);
    if (message === undefined) return;
    if (step.do === "finish") host.step(() => message.finish());
    else host.step(() => message.requeue(0, { backoff: step.do === "fail" }));
  }
}

test("the sum of RDY never exceeds max-in-flight; when faults stop, every connection gets its share back", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.nat({ max: 4 }),
      fc.array(move, { maxLength: 50 }),
      fc.nat(),
      (maxInFlight, connections, moves, seed) => {
        const fleet = new Fleet(maxInFlight, String(seed));
        fleet.connect(connections);
        for (const step of moves) {
          apply(fleet, step);
          const sum = fleet.sum();
          expect(sum).toBeLessThanOrEqual(fleet.inBackoff ? 1 : fleet.maxInFlight);
          expect(sum).toBe(fleet.consumer.stats().rdy);
        }
        for (const nsqd of fleet.nsqds) nsqd.mode = "accept";
        apply(fleet, { do: "limit", count: 8 });
        for (let round = 0; round < 40; round += 1) {
          fleet.pass(20_000);
          fleet.deliver(round);
          for (let at = 0; at < 4; at += 1) fleet.deliver(at);
          for (const message of fleet.messages.splice(0)) fleet.host.step(() => message.finish());
          if (round > 3 && !fleet.inBackoff) break;
        }
        expect(fleet.inBackoff).toBe(false);
        const share = connections === 0 ? 0 : Math.floor(8 / connections);
        expect(fleet.read()).toEqual(Array.from({ length: connections }, () => share));
      },
    ),
  );
});
