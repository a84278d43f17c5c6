import { expect, test } from "vitest";
import { EVENT_KINDS, History } from "../../../sim/history.ts";
import { tellLife } from "../../../sim/oracles/explain.ts";
import { tellEvent } from "../../../sim/oracles/telling.ts";

const facts = { process: "c1", peer: "nsqd1", place: "orders/billing", conn: 0, value: 0, text: "" } as const;

test("every kind of event has its sentence, without gaps", () => {
  for (const kind of EVENT_KINDS) {
    const { text } = tellEvent({ ...facts, kind, text: "pause" });
    expect(text, kind).not.toMatch(/undefined|NaN|\s{2}|^$/);
  }
});

test("a delivery says what number it is and, after a reconnect, by which connection it came", () => {
  expect(tellEvent({ ...facts, kind: "deliver", value: 1 }).text).toBe("c1 receives it on orders/billing");
  expect(tellEvent({ ...facts, kind: "deliver", value: 3, conn: 2 })).toEqual({
    text: "c1 receives it again on orders/billing (connection 2), attempt 3",
    tone: "again",
  });
});

test("a life is the message's own events, in order, with their times", () => {
  const history = new History();
  history.record({ ...facts, atUs: 1_000, kind: "publish", process: "p1", place: "orders", msg: 7, text: "PUB" });
  history.record({ ...facts, atUs: 2_000, kind: "publish", process: "p1", place: "orders", msg: 8, text: "PUB" });
  history.record({ ...facts, atUs: 5_005_000, kind: "requeue", msg: 7, value: 90_000_000 });
  expect(tellLife(history, 7)).toEqual([
    "0.001 s  p1 publishes to orders on nsqd1 (PUB)",
    "5.005 s  c1 sends REQ to nsqd1, delay 90 s",
  ]);
});
