/** Hostile servers: whatever an nsqd sends, a client of it lives, and works with the next one that is none. */
import { test } from "vitest";
import { parseClientConfig } from "../../core/client/config.ts";
import { Consumer } from "../../core/client/consumer.ts";
import type { Message } from "../../core/client/message.ts";
import type { PublishOutcome } from "../../core/client/observer.ts";
import { Producer } from "../../core/client/producer.ts";
import { byteString, bytesOf } from "../../core/protocol/text.ts";
import { SECOND } from "../../core/time.ts";
import { FakeHost, FakeNsqd, FEATURES, messageFrame } from "../core/client/fake.ts";
import { int32, sized } from "../core/nsqd/fake-host.ts";
import type { Draw } from "./draw.ts";
import { FUZZ_TIMEOUT_MS, fuzz, ROUND } from "./inputs.ts";
import { mutate } from "./mutate.ts";

const TEXTS = [
  "OK",
  "_heartbeat_",
  "CLOSE_WAIT",
  FEATURES,
  "E_INVALID x",
  "E_FIN_FAILED x",
  "E_BAD_TOPIC",
  "{}",
] as const;

function frame(draw: Draw): string {
  if (draw.once(2)) {
    const bytes = messageFrame(draw.integer(0, 9), draw.pick([0, 1, 2, 65_535]), draw.bytes(60));
    return byteString(bytes, 0, bytes.length);
  }
  const text = draw.once(10) ? draw.oddText() : draw.pick(TEXTS);
  return draw.once(10)
    ? int32(draw.int32()) + text
    : sized(int32(draw.once(10) ? draw.int32() : draw.integer(0, 1)) + text);
}

function answer(draw: Draw, message: Message): void {
  const how = draw.integer(0, 4);
  if (how === 0) message.requeue(-1);
  else if (how === 1) message.touch();
  if (how === 4) message.release();
  else if (!message.answered) message.finish();
}

/** One client of either kind, and an nsqd that says anything. */
function play(draw: Draw): void {
  const host = new FakeHost(String(draw.integer(0, 1000)));
  const nsqd = new FakeNsqd(host, "bad:4150");
  if (draw.once(3)) nsqd.reply = (): string | undefined => (draw.once(2) ? draw.pick(TEXTS) : draw.oddText());
  const config = parseClientConfig({ max_in_flight: 5, snappy: draw.once(4) });
  const consumer = new Consumer(host, "t", "c", config, 2, (message) => answer(draw, message));
  const producer = new Producer(host, "bad:4150", config);
  const outcomes: PublishOutcome[] = [];
  host.step(() => consumer.connect("bad:4150"));
  const published = draw.integer(1, 5);
  for (let number = 0; number < published; number += 1) {
    host.step(() => producer.publish("t", bytesOf("x"), (outcome) => void outcomes.push(outcome)));
    host.settle();
    const frames = draw.many(1, 4, () => frame(draw)).join("");
    const said = draw.once(3) ? mutate(frames, draw) : frames;
    for (const end of nsqd.connections) if (draw.once(2)) end.send(bytesOf(said));
    if (draw.once(4)) nsqd.last.finish();
    if (draw.once(5)) host.advance(draw.pick([1, SECOND, 61 * SECOND]));
  }
  // What the server does not answer, time does.
  for (const end of nsqd.connections) if (draw.once(2)) end.lose("reset");
  host.step(() => producer.stop());
  let isStopped = false;
  host.step(() => consumer.stop(() => (isStopped = true)));
  host.advance(200 * SECOND);
  if (outcomes.length !== published) throw new Error(`of ${published} publishes ${outcomes.length} have an outcome`);
  if (!isStopped) throw new Error("the consumer does not stop");
  if (host.armedTimers > 0) throw new Error("a timer is left of clients that have stopped");
}

test(
  "whatever an nsqd sends, its clients live, tell what became of each publish, and can be stopped",
  async () => {
    await fuzz("client", 0.1, (draw) => {
      for (let input = 0; input < ROUND; input += 1) play(draw);
    });
  },
  FUZZ_TIMEOUT_MS,
);
