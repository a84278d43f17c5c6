import { HostError, type HttpResponse } from "../../../../core/host.ts";
import { startNsqd, type NsqdProgram } from "../../../../core/nsqd/nsqd.ts";
import { DEFAULT_OPTIONS, type NsqdOptions } from "../../../../core/nsqd/options.ts";
import { startNsqlookupd } from "../../../../core/nsqlookupd/nsqlookupd.ts";
import { DEFAULT_LOOKUPD_OPTIONS } from "../../../../core/nsqlookupd/options.ts";
import { decodeUtf8 } from "../../../../core/protocol/text.ts";
import type { SimHost } from "../../../../sim/host.ts";
import { Machine } from "../../../../sim/machine.ts";
import { Ear, ToyWorld } from "../../../sim/toy-world.ts";

/** An nsqd in a simulated world, 10 ms from everybody else, and its nsqlookupds, real or played by hand. */
export class DiscoveryRig {
  readonly world = new ToyWorld();
  readonly logs: string[] = [];
  readonly nsqd: SimHost;
  private readonly asker: SimHost;
  private program: NsqdProgram | null = null;
  private incarnations = 0;

  constructor() {
    this.nsqd = this.world.host("nsqd1");
    this.asker = this.world.host("asker");
    this.nsqd.log = (level, message) => void this.logs.push(`${level} ${message}`);
  }

  /** Starts the nsqd, registering with those lookupds. */
  start(lookupds: readonly string[], options: Partial<NsqdOptions> = {}): void {
    const lookupdTcpAddresses = lookupds.map((name) => `${name}:4160`);
    this.nsqd.take({
      run: () => {
        this.program = startNsqd(this.nsqd, { ...DEFAULT_OPTIONS, lookupdTcpAddresses, ...options });
      },
    });
    this.world.pass(200);
  }

  stop(): void {
    this.nsqd.take({ run: () => this.program!.stop(() => {}) });
    this.world.pass(100);
  }

  /** Starts an nsqlookupd, which forgets everything when it is killed. */
  lookupd(name = "lk"): SimHost {
    const host = this.world.host(name, new Machine(0), (this.incarnations += 1));
    host.take({
      run: () => {
        startNsqlookupd(host, DEFAULT_LOOKUPD_OPTIONS, {
          ready: (result) => {
            if (result instanceof HostError) throw result;
          },
        });
      },
    });
    this.world.pass(1);
    return host;
  }

  /** The registrations of an nsqlookupd: `topic:t:`, `channel:t:c`. */
  registered(name = "lk"): string[] {
    const { body } = this.ask(`${name}:4161`, "GET", "/debug");
    return Object.keys(JSON.parse(textOf(body)) as object).filter((key) => key !== "client::");
  }

  /** A request to the nsqd. */
  post(target: string, body = ""): void {
    this.ask("nsqd1:4151", "POST", target, body);
  }

  /** Each topic of the nsqd with its depth, and its channels with theirs: `t 1: c 0, d 2`. */
  topics(): string[] {
    return (this.program!.stats().topics ?? []).map(({ topic_name, depth, channels }) => {
      const shown = channels.map((channel) => `${channel.channel_name} ${channel.depth}`);
      return `${topic_name} ${depth}: ${shown.join(", ")}`.trim();
    });
  }

  /** Sends a request without waiting for the answer; the returned list gets its status. */
  send(address: string, method: string, target: string, body = ""): (HttpResponse | HostError)[] {
    const answers: (HttpResponse | HostError)[] = [];
    const bytes = Uint8Array.from(body, (letter) => letter.charCodeAt(0));
    this.asker.requestHttp(address, { method, target, body: bytes }, (result) => void answers.push(result));
    return answers;
  }

  ask(address: string, method: string, target: string, body = ""): HttpResponse {
    const answers = this.send(address, method, target, body);
    this.world.pass(80);
    const [answer] = answers;
    if (answer === undefined || answer instanceof HostError) throw answer ?? new Error("no answer");
    return answer;
  }

  /** An nsqlookupd played by hand: hears what the nsqd says on its newest connection, and says what it is told. */
  played(name = "lk"): PlayedLookupd {
    return new PlayedLookupd(this.world, this.world.host(name));
  }
}

export class PlayedLookupd {
  readonly host: SimHost;
  connections = 0;
  private ear: Ear;
  private readonly world: ToyWorld;

  constructor(world: ToyWorld, host: SimHost) {
    this.world = world;
    this.host = host;
    this.ear = new Ear(world.agenda);
    host.listen(
      ":4160",
      (stream) => {
        this.connections += 1;
        this.ear = new Ear(world.agenda);
        this.ear.stream = stream;
        return this.ear;
      },
      () => {},
    );
  }

  /** What came on the newest connection since the last look. */
  heard(): string {
    const { received } = this.ear;
    this.ear.received = "";
    return received;
  }

  /** Answers, each with its length. */
  say(...answers: string[]): void {
    for (const answer of answers)
      this.ear.say(`\0\0${String.fromCharCode(answer.length >> 8, answer.length & 255)}${answer}`);
    this.world.pass(30);
  }

  /** Bytes as they are. */
  sayRaw(bytes: string): void {
    this.ear.say(bytes);
    this.world.pass(30);
  }

  close(): void {
    this.ear.stream.destroy();
    this.world.pass(30);
  }
}

/** An answer to IDENTIFY. */
export function identity(name = "lk"): string {
  return `{"broadcast_address":"${name}","hostname":"${name}","http_port":4161,"tcp_port":4160,"version":"1.3.0"}`;
}

function textOf(body: Uint8Array | string): string {
  return typeof body === "string" ? body : decodeUtf8(body);
}
