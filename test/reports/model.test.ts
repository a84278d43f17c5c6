import { expect, test } from "vitest";
import { attemptsOf, latenciesOf, quantile } from "../../reports/model/distribution.ts";
import { chartsOf, valueAt } from "../../reports/model/series.ts";
import { tellStory } from "../../reports/model/story.ts";
import { madeUpRun } from "./fixture.ts";
import { modelOf, row, runOf } from "./build.ts";

test("a handler whose process is killed ends there, and its lane is down until the restart", () => {
  const model = modelOf(
    runOf([
      { kind: "process", process: "c1", text: "start", atMs: 0 },
      { ...row.handle, atMs: 5 },
      { kind: "process", process: "c1", text: "kill", atMs: 8 },
      { kind: "process", process: "c1", text: "start", atMs: 20 },
      { kind: "phase", text: "end", atMs: 30 },
    ]),
  );
  expect([model.handlers.from[0], model.handlers.to[0], model.handlers.end[0]]).toEqual([5_000, 8_000, 2]);
  expect(model.spells.map(({ kind, from, to }) => [kind, from, to])).toEqual([["down", 8_000, 20_000]]);
});

test("handlers that overlap stand in rows of their own", () => {
  const second = { ...row.handle, msg: 2, atMs: 2 };
  const model = modelOf(
    runOf([
      { ...row.handle, atMs: 1 },
      second,
      { ...row.handled, atMs: 3 },
      { ...row.handle, msg: 3, atMs: 4 },
      { ...row.handled, msg: 2, atMs: 6, text: "fail" },
    ]),
  );
  expect([...model.handlers.slot]).toEqual([0, 1, 0]);
  expect([...model.handlers.end]).toEqual([0, 1, 2]);
});

test("lanes: an operator above the rest, a process that the scenario does not name below", () => {
  const run = runOf([
    { kind: "process", process: "operator", text: "start" },
    { kind: "operate", process: "operator", peer: "nsqd1", place: "orders", text: "pause" },
    { kind: "connect", process: "stranger", peer: "nsqd1" },
  ]);
  expect(modelOf(run).lanes.map(({ name, role }) => `${name} ${role}`)).toEqual([
    "operator operator",
    "p1 producer",
    "nsqd1 nsqd",
    "c1 consumer",
    "c2 consumer",
    "stranger other",
  ]);
});

test("a fault lasts from its begin to its end row", () => {
  const fault = { kind: "fault", process: "c1", value: 0, text: "kill -9 c1" } as const;
  const model = modelOf(
    runOf([
      { ...fault, detail: 1, atMs: 3 },
      { ...fault, detail: 0, atMs: 7 },
    ]),
  );
  expect(model.faults.map(({ kind, from, to }) => [kind, from, to])).toEqual([["kill", 3_000, 7_000]]);
});

test("a story tells events in order, with the judges' words where they belong", () => {
  const run = runOf([
    row.publish,
    row.accept,
    row.ok,
    row.send,
    row.deliver,
    row.timeout,
    { ...row.deliver, value: 2 },
    row.finish,
  ]);
  const duplicates = [{ msg: 1, place: "orders/billing", licence: "timeout", rows: [4, 6], text: "" }] as const;
  const story = tellStory(modelOf({ ...run, ledger: { ...run.ledger, duplicates } }), 1)!;
  expect(story.summary).toBe("delivered twice, last FIN 7 ms after its publish");
  expect(story.events.map((event) => event.text)).toEqual([
    "p1 publishes to orders on nsqd1",
    "nsqd1 has it in orders",
    "p1 gets OK: the broker has taken responsibility",
    "nsqd1 sends it on orders/billing, attempt 1",
    "c1 receives it on orders/billing",
    "nsqd1: deadline passed, back into orders/billing",
    "c1 receives it again on orders/billing, attempt 2",
    "c1 sends FIN to nsqd1",
  ]);
  expect(story.events.map((event) => event.labels).findIndex((labels) => labels.includes("duplicate: timeout"))).toBe(
    6,
  );
  expect(tellStory(modelOf(run), 99)).toBeNull();
});

test("a retry and the message it retries know of each other", () => {
  const model = modelOf(runOf([row.publish, row.unknown, { ...row.publish, msg: 2, detail: 1 }]));
  expect(tellStory(model, 1)!.retries).toEqual([2]);
  expect(tellStory(model, 2)!.retries).toEqual([1]);
});

type Rows = Parameters<typeof runOf>[0];

function gauge(atMs: number, value: number, text: string): Rows[number] {
  return { kind: "gauge", process: "nsqd1", place: "orders", value, text, atMs };
}

test("gauges become step lines; those that never move are only named", () => {
  const charts = chartsOf(
    modelOf(runOf([gauge(1, 4, "depth"), gauge(2, 4, "depth"), gauge(3, 9, "depth"), gauge(3, 0, "deferred")])),
  );
  const [depth, , deferred] = charts;
  expect(valueAt(depth!.lines[0]!, 500)).toBe(0);
  expect(valueAt(depth!.lines[0]!, 2_500)).toBe(4);
  expect(valueAt(depth!.lines[0]!, 3_000)).toBe(9);
  expect([deferred!.lines.length, deferred!.without]).toEqual([0, "always 0"]);
});

test("latency counts from the publish, of a deferred one from its due time", () => {
  const model = modelOf(
    runOf([
      { ...row.publish, atMs: 0 },
      { ...row.publish, msg: 2, value: 10_000, atMs: 0 },
      { ...row.deliver, atMs: 4 },
      { ...row.deliver, msg: 2, atMs: 12 },
      { ...row.deliver, value: 2, atMs: 60 },
    ]),
  );
  expect([...latenciesOf(model).sorted]).toEqual([2_000, 4_000]);
  expect(attemptsOf(model)).toEqual([2, 1]);
});

test("the bins of the histogram hold every delivery, for any spread", () => {
  for (const messages of [1, 12, 400]) {
    const { sorted, bins, first, ratio } = latenciesOf(modelOf(madeUpRun(messages)));
    expect(bins.reduce((sum, bin) => sum + bin, 0)).toBe(sorted.length);
    expect(first).toBeLessThanOrEqual(sorted[0]! * 1.0001);
    expect(first * ratio ** bins.length).toBeGreaterThanOrEqual(sorted.at(-1)! * 0.9999);
  }
});

test("quantiles are nearest ranks", () => {
  const sorted = Float64Array.from({ length: 100 }, (_, index) => index + 1);
  expect([quantile(sorted, 0.5), quantile(sorted, 0.99), quantile(sorted, 1)]).toEqual([50, 99, 100]);
});
