/** Message ids when the wall clock stands still or goes back: nsqd-semantics §9. */
import { describe, expect, test } from "vitest";
import { MILLISECOND, SECOND } from "../../../core/time.ts";
import { mpub, pub } from "./fake-host.ts";
import { Rig } from "./rig.ts";

/** A broker whose clock goes back ten seconds after one message. */
function setBack(profile: "exact" | "nsqd-1.3"): Rig {
  const rig = new Rig({ profile });
  rig.client(pub("t", "a"));
  rig.host.advance(SECOND);
  rig.host.wallOffset -= 11 * SECOND;
  return rig;
}

describe("nsqd 1.3, when the clock goes back", () => {
  test("lets who publishes hang until it has caught up, and then takes what waited in its order", () => {
    const rig = setBack("nsqd-1.3");
    const client = rig.client(pub("t", "b") + mpub("t", ["c", "d"]) + pub("t", "e"));
    rig.host.advance(9_990 * MILLISECOND);
    expect(client.texts()).toEqual([]);
    expect(rig.topic().message_count).toBe(1);
    rig.host.advance(20 * MILLISECOND);
    expect(client.texts()).toEqual(["OK", "OK", "OK"]);
    expect(rig.topic().message_count).toBe(5);
    expect(rig.consumer(10).texts()).toEqual([]);
  });

  test("lets other topics be, and those who do not publish", () => {
    const rig = setBack("nsqd-1.3");
    const consumer = rig.consumer(1);
    rig.client(pub("t", "b"));
    expect(rig.client(pub("u", "x")).texts()).toEqual(["OK"]);
    consumer.send("NOP\n");
    expect(rig.topic("u").message_count).toBe(1);
  });

  test("notices within a second that the clock was set right", () => {
    const rig = setBack("nsqd-1.3");
    const client = rig.client(pub("t", "b"));
    rig.host.advance(100 * MILLISECOND);
    rig.host.wallOffset = 0;
    rig.host.advance(SECOND);
    expect(client.texts()).toEqual(["OK"]);
  });

  test("forgets what a client that went away had published meanwhile", () => {
    const rig = setBack("nsqd-1.3");
    const client = rig.client(pub("t", "b"));
    client.close();
    rig.host.advance(11 * SECOND);
    expect(rig.topic().message_count).toBe(1);
    expect(rig.broker.topic("t")?.slab.held).toBe(1);
  });

  test("takes what hangs when its topic is deleted: it makes a new one", () => {
    const rig = setBack("nsqd-1.3");
    const client = rig.client(pub("t", "b"));
    rig.do((broker) => broker.deleteTopic("t"));
    expect(client.texts()).toEqual(["OK"]);
    expect(rig.topic().message_count).toBe(1);
  });
});

test("nsqd 1.3 has 4096 ids for a topic in about a millisecond", () => {
  const rig = new Rig({ profile: "nsqd-1.3", maxBodySize: 10_000_000 });
  const bodies = Array.from({ length: 4096 }, () => "x");
  const client = rig.client(mpub("t", bodies) + pub("t", "y"));
  expect(client.texts()).toEqual(["OK"]);
  rig.host.advance(2 * MILLISECOND);
  expect(client.texts()).toEqual(["OK"]);
});

test("the exact profile lets ids run ahead of a clock that goes back", () => {
  const rig = setBack("exact");
  expect(rig.client(pub("t", "b") + mpub("t", ["c", "d"])).texts()).toEqual(["OK", "OK"]);
  expect(rig.topic().message_count).toBe(4);
});
