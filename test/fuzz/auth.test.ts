/** A hostile auth server, drawn from a seed: nobody may what nobody said he may, and nsqd lives. */
import { expect, test } from "vitest";
import { type Host, HostError, type HttpCall, type HttpResponse } from "../../core/host.ts";
import { Broker } from "../../core/nsqd/broker.ts";
import { DEFAULT_OPTIONS } from "../../core/nsqd/options.ts";
import { bytesOf } from "../../core/protocol/text.ts";
import { SECOND } from "../../core/time.ts";
import { FakeHost, pub, sized } from "../core/nsqd/fake-host.ts";
import type { Draw } from "./draw.ts";
import { FUZZ_TIMEOUT_MS, fuzz, ROUND } from "./inputs.ts";
import { spoil } from "./mutate.ts";

type Asked = Parameters<Host["requestHttp"]>[2];

/** None of them lets anybody near a topic whose name begins with `vault`. */
const GOOD = ["^t$", "^[s-u]$", "t{0,1000}x", "(t|u)*y", "(a*)*b", "^(((((t)))))$", "\\pLx", "^(?i:T)$"] as const;
const BAD = ["(", "[", "*", "(?=t)", "\\", "t{2000}"] as const;

function pattern(draw: Draw): string {
  return draw.once(12) ? draw.pick(BAD) : draw.pick(GOOD);
}

const VALUES = [0, -1, 1, 3_600, 1e300, 0.5, "1", "", null, [], {}, true] as const;

function rule(draw: Draw): unknown {
  if (draw.once(20)) return draw.pick(VALUES);
  return {
    topic: draw.once(25) ? draw.pick(VALUES) : pattern(draw),
    channels: draw.once(25) ? draw.pick(VALUES) : draw.many(0, 3, () => (draw.once(2) ? ".*" : pattern(draw))),
    permissions: draw.many(0, 2, () => (draw.once(15) ? "dance" : draw.pick(["publish", "subscribe"]))),
  };
}

/** `isPlain`: it allows nothing but what its patterns say; a rule without a topic, for one, is for every topic. */
interface Answer {
  readonly result: HttpResponse | HostError;
  readonly isPlain: boolean;
}

function drawAnswer(draw: Draw): Answer {
  if (draw.once(8)) return { result: new HostError("ECONNRESET", "connection reset"), isPlain: true };
  const whole = {
    ttl: draw.once(10) ? draw.pick(VALUES) : 60,
    identity: draw.once(15) ? draw.pick(VALUES) : "me",
    identity_url: draw.once(15) ? draw.pick(VALUES) : "",
    authorizations: draw.once(15) ? draw.pick(VALUES) : draw.many(0, 4, () => rule(draw)),
  };
  const text = JSON.stringify(draw.once(15) ? draw.pick(VALUES) : whole);
  const body = draw.once(4) ? spoil(text, draw) : text;
  const isPlain = body === text && !/"topic":(?:null|""|"1")/.test(text);
  const status = draw.once(8) ? draw.pick([0, 204, 302, 403, 500]) : 200;
  return { result: { status, headers: {}, body: bytesOf(body) }, isPlain };
}

class Guarded {
  readonly host = new FakeHost();
  readonly asked: Asked[] = [];
  private readonly broker: Broker;

  constructor() {
    const requestHttp = (_address: string, _call: HttpCall, done: Asked): void => void this.asked.push(done);
    Object.assign(this.host, { requestHttp });
    this.broker = new Broker(this.host, { ...DEFAULT_OPTIONS, authHttpAddresses: ["auth:4181"] }, null, null);
  }

  /** A client asks for everything; its auth server says anything, late, or never. */
  play(draw: Draw, input: number): void {
    const vault = `vault${input}`;
    let isPlain = true;
    const answer = (done: Asked): void => {
      const drawn = drawAnswer(draw);
      isPlain &&= drawn.isPlain;
      this.host.step(() => done(drawn.result));
    };
    const client = this.host.client((stream) => this.broker.accept(stream));
    client.send(`  V2AUTH\n${sized("secret")}${pub("t", "x")}${draw.once(2) ? "SUB u c\nRDY 1\n" : pub(vault, "x")}`);
    for (let answers = draw.integer(0, 4); answers > 0; answers -= 1) {
      const done = this.asked.shift();
      if (done !== undefined) answer(done);
      if (draw.once(3)) client.send(draw.once(2) ? pub(vault, "y") : "NOP\n");
      if (draw.once(4)) this.host.advance(draw.pick([1, SECOND, 61 * SECOND]));
    }
    client.close();
    // What is answered after its asker has gone is nobody's business any more.
    for (const done of this.asked.splice(0)) answer(done);
    const topics = (this.broker.stats().topics ?? []).map(({ topic_name: name }) => name);
    if (isPlain && topics.includes(vault)) throw new Error("somebody has published without being allowed to");
  }

  /** Somebody was allowed to publish, so that what is refused is refused for a reason. */
  get hasServed(): boolean {
    return (this.broker.stats().topics ?? []).some(({ topic_name: name }) => name === "t");
  }

  get sessions(): number {
    return this.broker.stats().producers?.length ?? 0;
  }
}

test(
  "whatever an auth server says, nsqd lives, and lets nobody do what was not said",
  async () => {
    let served = 0;
    await fuzz("auth", 0.06, (draw) => {
      const guarded = new Guarded();
      for (let input = 0; input < ROUND; input += 1) guarded.play(draw, input);
      if (guarded.hasServed) served += 1;
      if (guarded.sessions > 0) throw new Error(`${guarded.sessions} sessions are left of clients that have gone`);
    });
    expect(served).toBeGreaterThan(0);
  },
  FUZZ_TIMEOUT_MS,
);
