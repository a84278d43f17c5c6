import { expect, test } from "vitest";
import { parseNsqdOptions } from "../../../../core/nsqd/options.ts";
import { MILLISECOND, SECOND } from "../../../../core/time.ts";
import { pub } from "../fake-host.ts";
import { Rig } from "../rig.ts";

const MEASURED = { e2eProcessingLatencyPercentiles: [1, 0.5], e2eProcessingLatencyWindowTime: 10 * SECOND };
const NS_PER_MS = 1_000_000;

/** Publishes a message and finishes it after that time. */
function finishAfter(rig: Rig, delayMs: number, place = "t c"): void {
  const consumer = rig.consumer(1, place);
  rig.client(pub(place.split(" ")[0]!, "x"));
  rig.host.advance(delayMs * MILLISECOND);
  const id = consumer.frames()[0]!.id;
  consumer.send(`FIN ${id}\n`).close();
}

test("every FIN enters the latencies of its channel and its topic, in nanoseconds", () => {
  const rig = new Rig(MEASURED);
  finishAfter(rig, 20);
  finishAfter(rig, 5);
  expect(rig.channel().e2e_processing_latency).toEqual({
    count: 2,
    percentiles: [
      { quantile: 1, value: 20 * NS_PER_MS },
      { quantile: 0.5, value: 5 * NS_PER_MS },
    ],
  });
  rig.consumer(0, "t d").close();
  expect(rig.channel("d").e2e_processing_latency).toEqual({
    count: 0,
    percentiles: [
      { quantile: 1, value: 0 },
      { quantile: 0.5, value: 0 },
    ],
  });
  expect(rig.topic().e2e_processing_latency).toEqual(rig.channel("c").e2e_processing_latency);
});

test("old latencies leave with their half of the window", () => {
  const rig = new Rig(MEASURED);
  const count = (): number => rig.channel().e2e_processing_latency.count;
  finishAfter(rig, 4000);
  rig.host.advance(4 * SECOND);
  finishAfter(rig, 1);
  expect(count()).toBe(2);
  rig.host.advance(4 * SECOND);
  expect(count()).toBe(1);
  rig.host.advance(20 * SECOND);
  expect(count()).toBe(0);
  finishAfter(rig, 1);
  rig.host.advance(4 * SECOND);
  expect(count()).toBe(1);
});

test("a wall clock that is set back gives a negative latency, as in nsqd", () => {
  const rig = new Rig(MEASURED);
  const consumer = rig.consumer(1);
  rig.client(pub("t", "x"));
  rig.host.wallOffset = -10 * SECOND;
  consumer.send(`FIN ${consumer.frames()[0]!.id}\n`);
  expect(rig.channel().e2e_processing_latency.percentiles?.[0]?.value).toBe(-10_000 * NS_PER_MS);
});

test("not asked for: nothing is kept", () => {
  const rig = new Rig();
  finishAfter(rig, 5);
  expect(rig.channel().e2e_processing_latency).toEqual({ count: 0, percentiles: null });
});

function percentiles(value: string | string[] | number[]): readonly number[] {
  return parseNsqdOptions({ "e2e-processing-latency-percentile": value }).e2eProcessingLatencyPercentiles;
}

test("flags are put in descending order, a configuration file's list is not", () => {
  expect(percentiles("0.5,0.99")).toEqual([0.99, 0.5]);
  expect(percentiles(["0.5", "1,0.75"])).toEqual([1, 0.75, 0.5]);
  expect(percentiles([0.5, 1, 0.75])).toEqual([0.5, 1, 0.75]);
});
