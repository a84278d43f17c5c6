import { expect, test } from "vitest";
import { FLIGHT_NAMES, type Flights } from "../../reports/model/flights.ts";
import { modelOf, row, runOf } from "./build.ts";

/** `publish p1>nsqd1 1..2`, with `lost` and `odd` where they apply. */
function flightsOf(rows: Parameters<typeof runOf>[0]): string[] {
  const model = modelOf(runOf(rows));
  const { flights } = model;
  return Array.from({ length: flights.count }, (_, index) => told(flights, index, (lane) => model.lanes[lane]?.name));
}

function told(flights: Flights, index: number, name: (lane: number) => string | undefined): string {
  const way = `${name(flights.from[index]!) ?? "?"}>${name(flights.to[index]!) ?? "?"}`;
  const when = `${flights.departs[index]! / 1_000}..${flights.lost[index] === 1 ? "lost" : flights.arrives[index]! / 1_000}`;
  return `${FLIGHT_NAMES[flights.kind[index]!]!} ${way} ${when}${flights.odd[index] === 1 ? " odd" : ""}`;
}

test("a message's way: publish, OK, delivery, FIN, each from end to end", () => {
  const { publish, accept, ok, send, deliver, finish, finished } = row;
  expect(flightsOf([publish, accept, send, ok, deliver, finish, finished])).toEqual([
    "publish p1>nsqd1 1..2",
    "ok nsqd1>p1 2..4",
    "deliver nsqd1>c1 3..5",
    "finish c1>nsqd1 6..7",
  ]);
});

test("a publish that never arrived, and an OK that never arrived", () => {
  expect(flightsOf([row.publish, row.unknown, { ...row.send, msg: 9 }])).toContain("publish p1>nsqd1 1..lost odd");
  expect(flightsOf([row.publish, row.accept, row.unknown])).toEqual([
    "publish p1>nsqd1 1..2",
    "ok nsqd1>p1 2..lost odd",
  ]);
});

test("a refused publish turns half-way between question and answer", () => {
  expect(flightsOf([row.publish, row.refused, { ...row.send, msg: 9, atMs: 9 }]).slice(0, 2)).toEqual([
    "publish p1>nsqd1 1..1.5 odd",
    "ok nsqd1>p1 1.5..2 odd",
  ]);
});

test("a lost FIN, and a redelivery to another consumer that overtakes the first delivery", () => {
  const { send, deliver, finish, timeout } = row;
  expect(flightsOf([send, deliver, finish, timeout])).toEqual(["deliver nsqd1>c1 1..2", "finish c1>nsqd1 3..lost odd"]);
  expect(flightsOf([send, { ...send, value: 2 }, { ...deliver, value: 2, process: "c2" }, deliver])).toEqual([
    "deliver nsqd1>c1 1..4",
    "deliver nsqd1>c2 2..3 odd",
  ]);
});

test("a FIN that came too late arrived, and is not ordinary", () => {
  expect(flightsOf([row.send, row.deliver, row.finish, row.notFinished])).toContain("finish c1>nsqd1 3..3.5 odd");
});

test("of a foreign broker only the clients' ends are known", () => {
  expect(flightsOf([row.publish, row.ok, row.deliver, row.finish])).toEqual([
    "publish p1>nsqd1 1..1",
    "ok nsqd1>p1 2..2",
    "deliver nsqd1>c1 3..3",
    "finish c1>nsqd1 4..4",
  ]);
});

test("every flight of a large run is found by a window query", () => {
  const { flights } = modelOf(runOf([row.publish, row.accept, row.send, row.deliver]));
  for (let index = 1; index < flights.count; index += 1) {
    expect(flights.latest[index]!).toBeGreaterThanOrEqual(flights.latest[index - 1]!);
    expect(flights.departs[index]!).toBeGreaterThanOrEqual(flights.departs[index - 1]!);
  }
});
