/** Hostile clients of nsqd, drawn from a seed, beside two that only want to work. */
import { expect, test } from "vitest";
import { type Micros, SECOND } from "../../core/time.ts";
import type { Profile } from "../../core/nsqd/options.ts";
import { FRAME_MESSAGE } from "../../core/protocol/frame.ts";
import { SnappyEncoder } from "../../core/protocol/snappy/framing.ts";
import { byteString, bytesOf } from "../../core/protocol/text.ts";
import { type FakeClient, identify, pub } from "../core/nsqd/fake-host.ts";
import { Rig } from "../core/nsqd/rig.ts";
import { drawAnswer, drawConversation } from "./conversation.ts";
import type { Draw } from "./draw.ts";
import { FUZZ_TIMEOUT_MS, fuzz, ROUND } from "./inputs.ts";
import { mutate, spoil } from "./mutate.ts";

/** A client that does not read is cut off after 30 s, whatever it was sent before. */
const LAST_LINGER: Micros = 31 * SECOND;
/** What is kept for a client that reads nothing: a batch, the largest message, and the answers to one piece of its own. */
const MOST_UNSENT = 64 * 1024 + 8 * 1024;

/** One nsqd, and a publisher and a consumer that must not notice anything. */
class Neighbourhood {
  readonly rig: Rig;
  /** Of the broker itself. */
  private readonly timers: number;
  private readonly publisher: FakeClient;
  private readonly consumer: FakeClient;
  private published = 0;

  constructor(profile: Profile) {
    this.rig = new Rig({ maxMsgSize: 1000, maxBodySize: 2000, memQueueSize: 20, profile });
    this.timers = this.rig.host.armedTimers;
    this.publisher = this.rig.client(identify({ heartbeat_interval: -1 }));
    this.consumer = this.rig.consumer(1, "neighbour c");
    this.publisher.frames();
  }

  /** Time passes; the neighbours answer their heartbeats. */
  advance(by: Micros): void {
    for (let left = by; left > 0; left -= 20 * SECOND) {
      this.rig.host.advance(Math.min(left, 20 * SECOND));
      this.consumer.send("NOP\n");
    }
  }

  /** A message goes through, at once, to the only one who wants it. */
  expectService(): void {
    this.published += 1;
    const body = String(this.published);
    const [answer, ...more] = this.publisher.send(pub("neighbour", body)).texts();
    if (answer !== "OK" || more.length > 0) throw new Error(`a neighbour is answered ${answer}`);
    const [message, ...others] = this.consumer.frames().filter(({ text }) => text !== "_heartbeat_");
    if (message?.text !== body || message.attempts !== 1 || others.length > 0) {
      throw new Error(`a neighbour does not get ${body}, and nothing else: ${JSON.stringify([message, ...others])}`);
    }
    this.consumer.send(`FIN ${message.id}\n`);
  }

  /** Both go; nothing is left of anybody. */
  expectNothingLeft(): void {
    const { broker, host } = this.rig;
    this.publisher.close();
    this.consumer.close();
    for (const topic of broker.topics()) {
      this.rig.do(() => topic.empty());
      for (const channel of topic.channels()) this.rig.do(() => channel.empty());
      expect(topic.slab.held).toBe(0);
    }
    // A timer for what was deferred may fire once more, in vain. Where a scan runs all the time there is none.
    host.advance((this.timers === 0 ? 3600 : 61) * SECOND);
    expect(broker.sessions.size).toBe(0);
    expect(host.armedTimers).toBe(this.timers);
  }

  get sessions(): number {
    return this.rig.broker.sessions.size;
  }

  connect(): FakeClient {
    return this.rig.host.client((stream) => this.rig.broker.accept(stream));
  }
}

/** The ids in whole message frames; none where the stream is compressed. */
function messageIds(bytes: Uint8Array): string[] {
  const ids: string[] = [];
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + 34 <= bytes.length;) {
    const size = view.getInt32(at);
    if (size < 4 || at + 4 + size > bytes.length) break;
    if (view.getInt32(at + 4) === FRAME_MESSAGE) ids.push(byteString(bytes, at + 18, at + 34));
    at += 4 + size;
  }
  return ids;
}

/** A hostile client: says its pieces, reads or does not, and leaves in one way or another. */
class Intruder {
  readonly client: FakeClient;
  private readonly pieces: string[];
  private readonly draw: Draw;
  private readonly answers: boolean;

  constructor(client: FakeClient, pieces: readonly string[], draw: Draw) {
    this.client = client;
    this.pieces = [...pieces];
    this.draw = draw;
    this.answers = draw.once(2);
  }

  get isDone(): boolean {
    return this.pieces.length === 0 || this.isGone;
  }

  private get isGone(): boolean {
    return this.client.ended || this.client.destroyed;
  }

  act(neighbourhood: Neighbourhood): void {
    const { client, draw } = this;
    if (draw.once(12)) client.isFull = true;
    if (client.isFull && draw.once(3)) client.drain();
    if (client.isReadingPaused) {
      client.drain();
      if (client.isReadingPaused) return this.expectEnd(neighbourhood, "reads, and is not read again");
    }
    const piece = this.pieces.shift();
    if (piece !== undefined) client.send(bytesOf(piece));
    if (client.unsentBytes > MOST_UNSENT) throw new Error(`${client.unsentBytes} bytes wait for one who does not read`);
    if (!this.answers) return;
    for (const id of messageIds(client.bytes())) if (!this.isGone) client.send(drawAnswer(draw, id));
  }

  /** Afterwards nsqd is done with it. */
  leave(neighbourhood: Neighbourhood): void {
    const { client, draw } = this;
    if (!client.destroyed && draw.once(2)) {
      client.finish();
      if (!this.isGone) this.expectEnd(neighbourhood, "finished, and is not answered with an end");
      else if (draw.once(10)) this.expectEnd(neighbourhood, "does not leave, and is not cut off");
    }
    client.close();
  }

  /** In the profile nsqd-1.3 a connection that ends is not read meanwhile. */
  private expectEnd(neighbourhood: Neighbourhood, what: string): void {
    neighbourhood.advance(LAST_LINGER);
    if (!this.client.destroyed) throw new Error(`a client ${what}`);
  }
}

/** Cuts the pieces anew: anywhere, or into bytes. */
function recut(pieces: readonly string[], draw: Draw): string[] {
  const text = spoil(pieces.join(""), draw);
  const cut: string[] = [];
  const most = draw.pick([1, 7, 100, 3000]);
  // Byte by byte only the beginning.
  for (let at = 0; at < text.length && cut.length < 200;) {
    const end = at + draw.integer(1, most);
    cut.push(text.slice(at, end));
    at = end;
  }
  return cut;
}

/** The conversation, in snappy from its second piece on. */
function compressed(pieces: readonly string[], draw: Draw): string[] {
  const encoder = new SnappyEncoder();
  const encoded = pieces.slice(1).map((piece) => {
    const bytes = encoder.encode(bytesOf(piece));
    return byteString(bytes, 0, bytes.length);
  });
  const damaged = encoded.map((piece) => (draw.once(10) ? mutate(piece, draw) : piece));
  return [`  V2${identify({ feature_negotiation: true, snappy: true, heartbeat_interval: 60_000 })}`, ...damaged];
}

function drawIntruder(neighbourhood: Neighbourhood, draw: Draw): Intruder {
  const pieces = drawConversation(draw);
  const said = draw.once(5) ? compressed(pieces, draw) : draw.once(2) ? recut(pieces, draw) : pieces;
  return new Intruder(neighbourhood.connect(), said, draw);
}

function play(neighbourhood: Neighbourhood, draw: Draw): void {
  const intruders = draw.many(1, 3, () => drawIntruder(neighbourhood, draw));
  let present = intruders;
  while (present.length > 0) {
    const one = draw.pick(present);
    one.act(neighbourhood);
    if (draw.once(30)) neighbourhood.advance(draw.pick([1, 1000, 250_000, SECOND, 61 * SECOND]));
    present = present.filter((each) => !each.isDone);
  }
  neighbourhood.expectService();
  for (const one of intruders) one.leave(neighbourhood);
  if (neighbourhood.sessions !== 2) throw new Error(`${neighbourhood.sessions} sessions, where 2 are connected`);
}

test(
  "whatever clients send, nsqd lives, ends them, forgets them and serves their neighbours",
  async () => {
    await fuzz("nsqd", 0.45, (draw) => {
      // The lottery scans ten times a second of virtual time, which takes real time.
      const neighbourhood = new Neighbourhood(draw.once(5) ? "nsqd-1.3" : "exact");
      for (let input = 0; input < ROUND; input += 1) play(neighbourhood, draw);
      neighbourhood.expectNothingLeft();
    });
  },
  FUZZ_TIMEOUT_MS,
);
