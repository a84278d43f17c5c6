import { HostError, type HttpResponse } from "../../../core/host.ts";
import { startNsqlookupd, type NsqlookupdProgram } from "../../../core/nsqlookupd/nsqlookupd.ts";
import { DEFAULT_LOOKUPD_OPTIONS, type NsqlookupdOptions } from "../../../core/nsqlookupd/options.ts";
import { bytesOf, decodeUtf8 } from "../../../core/protocol/text.ts";
import type { SimHost } from "../../../sim/host.ts";
import { Ear, ToyWorld } from "../../sim/toy-world.ts";

/** An nsqlookupd in a simulated world, nsqds that are played by hand, and somebody who asks over HTTP. */
export class LookupdRig {
  readonly world = new ToyWorld();
  private readonly host: SimHost;
  private readonly program: NsqlookupdProgram;
  private readonly asker: SimHost;

  constructor(options: Partial<NsqlookupdOptions> = {}) {
    this.host = this.world.host("lookupd");
    let isServing = false;
    this.program = startNsqlookupd(
      this.host,
      { ...DEFAULT_LOOKUPD_OPTIONS, ...options },
      {
        ready: (result) => {
          if (result instanceof HostError) throw result;
          isServing = true;
        },
      },
    );
    this.asker = this.world.host("asker");
    this.world.pass(1);
    if (!isServing) throw new Error("it does not serve");
  }

  /** SIGTERM. Whether it came to its end. */
  stop(): boolean {
    let isDone = false;
    this.host.take({
      run: () =>
        this.program.stop(() => {
          isDone = true;
        }),
    });
    this.world.pass(50);
    return isDone;
  }

  /** A connection that has sent the magic and `text`. */
  open(name: string, text = ""): PlayedNsqd {
    const played = new PlayedNsqd(this.world, name);
    return played.send(`  V1${text}`);
  }

  /** An nsqd that has identified itself; the answer is read. */
  nsqd(name: string, fields: object = {}): PlayedNsqd {
    const nsqd = this.open(name, identify({ broadcast_address: name, ...fields }));
    nsqd.answers();
    return nsqd;
  }

  /** A request, answered. */
  ask(method: string, target: string): HttpResponse {
    const answers: (HostError | HttpResponse)[] = [];
    const request = { method, target, body: new Uint8Array(0) };
    this.asker.requestHttp("lookupd:4161", request, (result) => void answers.push(result));
    this.world.pass(25);
    const [answer] = answers;
    if (answer === undefined || answer instanceof HostError) throw answer ?? new Error("no answer");
    return answer;
  }

  get(target: string): unknown {
    const { status, body } = this.ask("GET", target);
    const text = typeof body === "string" ? body : decodeUtf8(body);
    if (status !== 200) throw new Error(`${status} ${text}`);
    return JSON.parse(text);
  }

  post(target: string): string {
    const { status, body } = this.ask("POST", target);
    return `${status} ${String(body)}`.trim();
  }

  /** The broadcast addresses that /lookup gives. */
  producers(topic: string): string[] {
    const { producers } = this.get(`/lookup?topic=${topic}`) as { producers: { broadcast_address: string }[] };
    return producers.map(({ broadcast_address }) => broadcast_address);
  }
}

/** One end of a connection to the nsqlookupd. Bytes take 10 ms each way. */
export class PlayedNsqd {
  readonly ear: Ear;
  private readonly world: ToyWorld;

  constructor(world: ToyWorld, name: string) {
    this.world = world;
    this.ear = new Ear(world.agenda);
    this.ear.stream = world.host(name).connect("lookupd:4160", this.ear);
    world.pass(30);
  }

  /** Sends a byte string, and waits for what comes back. */
  send(text: string): this {
    this.ear.say(text);
    this.world.pass(30);
    return this;
  }

  /** The whole answers since the last look. */
  answers(): string[] {
    const { received } = this.ear;
    const bytes = bytesOf(received);
    const found: string[] = [];
    let at = 0;
    while (at + 4 <= bytes.length) {
      const end = at + 4 + new DataView(bytes.buffer).getInt32(at);
      found.push(received.slice(at + 4, end));
      at = end;
    }
    this.ear.received = received.slice(at);
    return found;
  }
}

export function identify(fields: object): string {
  const body = JSON.stringify({ tcp_port: 4150, http_port: 4151, version: "1.3.0", hostname: "host", ...fields });
  return `IDENTIFY\n${int32(body.length)}${body}`;
}

/** Four bytes, big-endian, as a byte string. */
export function int32(value: number): string {
  return String.fromCharCode((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}
