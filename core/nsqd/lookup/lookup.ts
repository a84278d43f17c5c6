import type { Host, Timer } from "../../host.ts";
import { bytesOf, utf8 } from "../../protocol/text.ts";
import { SECOND, type Micros } from "../../time.ts";
import type { NsqdOptions } from "../options.ts";
import { joinAddress } from "./answers.ts";
import { findChannels } from "./channels.ts";
import { LookupPeer, type LookupPeerOwner } from "./peer.ts";

/** Fixed in nsqd. */
const PING_PERIOD: Micros = 15 * SECOND;

/** Topics whose channels are asked for at a time: each question is a connection to every nsqlookupd. */
const MAX_QUESTIONS = 32;

/** What of a broker is announced. */
export interface Announced {
  topics(): Iterable<{ readonly name: string; channels(): Iterable<{ readonly name: string }> }>;
  topic(name: string): { channel(name: string): unknown } | undefined;
}

/** What clients are told to connect to. */
export interface Broadcast {
  readonly address: string;
  readonly tcpPort: number;
  readonly httpPort: number;
}

/** Which channels a topic has elsewhere. */
interface Question {
  readonly topic: string;
  readonly found: (channels: readonly string[]) => void;
}

/**
 * nsqd's side of discovery (nsqlookupd §B): tells every nsqlookupd of topics and channels as they come and go, pings
 * them, and asks them for the channels of new topics.
 */
export class Lookup implements LookupPeerOwner {
  readonly maxAnswer: number;
  private readonly host: Host;
  private readonly options: NsqdOptions;
  private readonly announced: Announced;
  private readonly broadcast: () => Broadcast;
  private listed: readonly string[] = [];
  private peers: LookupPeer[] = [];
  private ping: Timer | null = null;
  private asking = 0;
  /** Questions that wait for their turn. */
  private readonly questions: Question[] = [];

  constructor(host: Host, options: NsqdOptions, announced: Announced, broadcast: () => Broadcast) {
    this.host = host;
    this.options = options;
    this.announced = announced;
    this.broadcast = broadcast;
    this.maxAnswer = options.maxBodySize;
  }

  /** TCP addresses, as they were given. */
  get addresses(): readonly string[] {
    return this.listed;
  }

  start(): void {
    this.setAddresses(this.options.lookupdTcpAddresses);
    this.planPing(this.host.now() + PING_PERIOD);
  }

  stop(): void {
    this.ping?.cancel();
    for (const peer of this.peers) peer.stop();
    this.peers = [];
  }

  /** Connects to those that are new in the list, and leaves those that are not in it any more. */
  setAddresses(addresses: readonly string[]): void {
    this.listed = addresses;
    const known = new Map(this.peers.map((peer) => [peer.address, peer]));
    for (const [address, peer] of known) {
      if (addresses.includes(address)) continue;
      this.host.log("info", `LOOKUP(${address}): removing peer`);
      peer.stop();
      known.delete(address);
    }
    for (const address of addresses) {
      if (known.has(address)) continue;
      this.host.log("info", `LOOKUP(${address}): adding peer`);
      const peer = new LookupPeer(this.host, address, this);
      known.set(address, peer);
      peer.do(null);
    }
    this.peers = [...known.values()];
  }

  /** A topic, or a channel of it, came or went. What is said is what holds when it is said. `channel` "": the topic. */
  changed(topic: string, channel: string): void {
    for (const peer of this.peers) peer.do(() => this.registration(topic, channel));
  }

  /**
   * Asks for the lasting channels of a topic that is new here. `found` is called once: in this call when there is nobody
   * to ask.
   */
  channelsOf(topic: string, found: (channels: readonly string[]) => void): void {
    this.questions.push({ topic, found });
    this.askNext();
  }

  identify(): Uint8Array {
    const { host, options } = this;
    const broadcast = this.broadcast();
    const body = utf8(
      JSON.stringify({
        broadcast_address: broadcast.address,
        hostname: host.name,
        http_port: broadcast.httpPort,
        tcp_port: broadcast.tcpPort,
        topology_region: options.topologyRegion,
        topology_zone: options.topologyZone,
        version: options.version,
      }),
    );
    const { length } = body;
    const size = String.fromCharCode(length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255);
    return bytesOf(`IDENTIFY\n${size}${body}`);
  }

  registrations(): string[] {
    const commands: string[] = [];
    for (const topic of this.announced.topics()) {
      const before = commands.length;
      for (const channel of topic.channels()) commands.push(`REGISTER ${topic.name} ${channel.name}`);
      if (commands.length === before) commands.push(`REGISTER ${topic.name}`);
    }
    return commands;
  }

  private askNext(): void {
    while (this.asking < MAX_QUESTIONS) {
      const question = this.questions.shift();
      if (question === undefined) return;
      this.ask(question);
    }
  }

  private ask({ topic, found }: Question): void {
    const addresses = this.peers.flatMap(({ info }) => {
      const address = info === null ? null : joinAddress(info.broadcastAddress, info.httpPort);
      return address === null ? [] : [address];
    });
    if (addresses.length === 0) {
      const what = "no available nsqlookupd to query for channels to pre-create for topic";
      if (this.listed.length > 0) this.host.log("error", `${what} ${topic}`);
      found([]);
      return;
    }
    this.asking += 1;
    findChannels(this.host, topic, addresses, this.options, (channels) => {
      this.asking -= 1;
      found(channels);
      this.askNext();
    });
  }

  private registration(topic: string, channel: string): string {
    const found = this.announced.topic(topic);
    if (channel === "") return `${found === undefined ? "UNREGISTER" : "REGISTER"} ${topic}`;
    return `${found?.channel(channel) === undefined ? "UNREGISTER" : "REGISTER"} ${topic} ${channel}`;
  }

  private planPing(at: Micros): void {
    this.ping = this.host.timer(at, () => {
      // Of those that a blocked process missed, none is made up for.
      this.planPing(Math.max(at, this.host.now()) + PING_PERIOD);
      for (const peer of this.peers) peer.do(() => "PING");
    });
  }
}
