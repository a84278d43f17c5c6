/** Ids that repeat, because the clock was set back before nsqd was started again: nsqd-semantics §1.5, §9. */
import { expect, test } from "vitest";
import { SECOND } from "../../../core/time.ts";
import { type FakeClient, pub } from "./fake-host.ts";
import { Rig } from "./rig.ts";

/** A broker that has `old` on its disk, of an earlier life, and `new` of the same id in its memory. */
function withTwins(profile: "exact" | "nsqd-1.3"): Rig {
  const before = new Rig({ profile, memQueueSize: 0 });
  before.do((broker) => broker.createTopic("t").createChannel("c"));
  before.client(pub("t", "old"));
  // A host begins with the same clock.
  const rig = before.restarted("stop", ["c"], { memQueueSize: 10 });
  rig.client(pub("t", "new"));
  return rig;
}

/** What has come, or leaves with the next flush of the output buffer. */
function taken(rig: Rig, client: FakeClient): { readonly id: string; readonly text: string }[] {
  rig.host.advance(SECOND);
  return client.frames().map((frame) => ({ id: frame.id, text: frame.text }));
}

test("the exact profile gives one of them when the other has left, and loses none", () => {
  const rig = withTwins("exact");
  const consumer = rig.consumer(0);
  consumer.send("RDY 5\n");
  const [first, ...others] = taken(rig, consumer);
  expect(others).toEqual([]);
  expect(taken(rig, consumer)).toEqual([]);
  expect(rig.channel()).toMatchObject({ depth: 0, in_flight_count: 1, deferred_count: 1 });
  consumer.send(`FIN ${first!.id}\n`);
  const [second] = taken(rig, consumer);
  expect(second!.id).toBe(first!.id);
  expect([first!.text, second!.text].sort()).toEqual(["new", "old"]);
  consumer.send(`FIN ${second!.id}\n`);
  expect(rig.channel()).toMatchObject({ depth: 0, in_flight_count: 0, deferred_count: 0 });
});

test("nsqd 1.3 sends both, knows of one, and counts the other against RDY for ever", () => {
  const rig = withTwins("nsqd-1.3");
  const consumer = rig.consumer(0);
  consumer.send("RDY 2\n");
  const [first, second] = taken(rig, consumer);
  expect(second!.id).toBe(first!.id);
  expect(rig.channel().in_flight_count).toBe(1);
  consumer.send(`FIN ${first!.id}\n`);
  expect(consumer.texts()).toEqual([]);
  consumer.send(`FIN ${second!.id}\n`);
  expect(consumer.texts()).toEqual([`! E_FIN_FAILED FIN ${second!.id} failed ID not in flight`]);
  rig.client(pub("t", "x") + pub("t", "y"));
  expect(taken(rig, consumer)).toHaveLength(1);
  expect(rig.channel().depth).toBe(1);
});
