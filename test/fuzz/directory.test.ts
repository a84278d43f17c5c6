/** A hostile nsqlookupd, drawn from a seed, beside one that works: nsqd and a consumer ask both. */
import { test } from "vitest";
import { parseClientConfig } from "../../core/client/config.ts";
import { Consumer } from "../../core/client/consumer.ts";
import type { ByteStream, HttpRequest, HttpResponse, StreamEvents } from "../../core/host.ts";
import { bytesOf } from "../../core/protocol/text.ts";
import { int32, sized } from "../core/nsqd/fake-host.ts";
import { DiscoveryRig, identity } from "../core/nsqd/lookup/rig.ts";
import type { Draw } from "./draw.ts";
import { FUZZ_TIMEOUT_MS, fuzz, ROUND } from "./inputs.ts";
import { mutate, spoil } from "./mutate.ts";

/** Long enough for two pings of nsqd, each with its deadline, and for a few polls of the consumer. */
const SETTLE_MS = 40_000;

const VALUES = ["nsqd1", "bad", "good", "nobody", "a b", "", 4150, 4151, 0, -1, 65_536, 1e300, null, [], {}] as const;

function producer(draw: Draw): object {
  const fields = ["broadcast_address", "tcp_port", "http_port", "hostname", "version"];
  if (draw.once(2)) return { broadcast_address: "nsqd1", tcp_port: 4150, http_port: 4151, version: "1.3.0" };
  return Object.fromEntries(fields.map((name) => [name, draw.pick(VALUES)]));
}

function channel(draw: Draw): unknown {
  if (draw.once(10)) return draw.pick(VALUES);
  return draw.once(5) ? draw.oddText() : draw.pick(["c", "d", "e#ephemeral"]);
}

/** What it says to a question over HTTP. */
function drawAnswer(draw: Draw): HttpResponse {
  const lists = { channels: draw.many(0, 5, () => channel(draw)), producers: draw.many(0, 5, () => producer(draw)) };
  const whole = JSON.stringify(draw.once(5) ? { data: lists } : draw.once(10) ? draw.pick(VALUES) : lists);
  const headers = draw.once(3) ? {} : { "X-Nsq-Content-Type": "nsq; version=1.0" };
  const status = draw.once(6) ? draw.pick([0, 100, 204, 302, 404, 500, 999]) : 200;
  const text = spoil(whole, draw);
  return { status, headers, body: draw.once(2) ? text : bytesOf(text) };
}

/** What it says over TCP to whatever it was told. */
function drawReply(draw: Draw): string {
  const texts = ["OK", "E_INVALID", "E_INVALID x", "{}", "null", identity("bad"), identity("good"), "[]"];
  const text = draw.once(5) ? draw.oddText() : draw.pick(texts);
  const frame = draw.once(10) ? int32(draw.int32()) + text : sized(text);
  return draw.once(10) ? mutate(frame, draw) : frame;
}

/** One end of a connection that nsqd makes. */
function misbehave(stream: ByteStream, draw: Draw): StreamEvents {
  return {
    data: () => {
      const how = draw.integer(0, 9);
      if (how === 0) stream.destroy();
      else if (how === 1) stream.end();
      else if (how > 2) for (const reply of draw.many(1, 3, () => drawReply(draw))) stream.write(bytesOf(reply));
    },
    ended: () => stream.destroy(),
    closed: () => {},
  };
}

class Town {
  readonly rig = new DiscoveryRig();
  readonly consumer: Consumer;
  /** What the hostile one was asked, over TCP and over HTTP. */
  connections = 0;
  questions = 0;
  private isStopped = false;

  constructor(draw: Draw) {
    const { rig } = this;
    const bad = rig.world.host("bad");
    bad.listen(
      ":4160",
      (stream) => {
        this.connections += 1;
        return misbehave(stream, draw);
      },
      () => {},
    );
    const handle = (_: HttpRequest, reply: (response: HttpResponse) => void): void => {
      this.questions += 1;
      if (!draw.once(20)) reply(drawAnswer(draw));
    };
    bad.serveHttp(":4161", { maxBodyBytes: 1_000, head: () => null, handle }, () => {});
    rig.lookupd("good");
    rig.start(["bad", "good"]);
    const client = rig.world.host("client");
    const config = parseClientConfig({ lookupd_poll_interval: "1s", lookupd_poll_timeout: "2s" });
    this.consumer = new Consumer(client, "neighbour", "c", config, 1, (message) => message.finish());
    client.take({
      run: () => {
        for (const lookupd of ["bad:4161", "good:4161"]) this.consumer.connectToLookupd(lookupd);
      },
    });
  }

  /** Something happens that nsqlookupds are told of, or asked about. */
  act(draw: Draw, input: number): void {
    const topic = `topic=${draw.pick(["t", "u", `t${input}`])}`;
    const paths = ["/topic/create", "/topic/delete", "/channel/create", "/channel/delete"] as const;
    const path = draw.pick(paths);
    this.rig.send("nsqd1:4151", "POST", `${path}?${topic}${path.startsWith("/channel") ? "&channel=d" : ""}`);
    this.rig.world.pass(draw.pick([0, 5, 30, 100, 1_100, 16_000]));
  }

  /** nsqd takes what is published, the good one names it, and the consumer that asks has it. */
  expectService(): void {
    const { rig, consumer } = this;
    const published = rig.ask("nsqd1:4151", "POST", "/pub?topic=neighbour", "x");
    if (published.status !== 200) throw new Error(`nsqd does not take a message: ${published.status}`);
    rig.world.pass(SETTLE_MS);
    if (!rig.registered("good").includes("topic:neighbour:")) throw new Error("nsqd has not registered a topic");
    if (consumer.stats().finished < 1) throw new Error("a consumer has not found its nsqd");
  }

  /** Both can be stopped. */
  stop(): void {
    this.rig.world.pass(0);
    this.consumer.stop(() => (this.isStopped = true));
    this.rig.stop();
    this.rig.world.pass(SETTLE_MS);
    if (!this.isStopped) throw new Error("the consumer does not stop");
  }
}

test(
  "whatever an nsqlookupd says, nsqd and consumers live, and work with another",
  async () => {
    await fuzz("directory", 0.04, (draw) => {
      const town = new Town(draw);
      for (let input = 0; input < ROUND; input += 1) town.act(draw, input);
      town.expectService();
      town.stop();
      if (town.connections < 5 || town.questions < ROUND) throw new Error("nobody asks the hostile nsqlookupd");
    });
  },
  FUZZ_TIMEOUT_MS,
);
