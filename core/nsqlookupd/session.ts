import type { ByteStream, CloseCause, Host, StreamEvents, Timer } from "../host.ts";
import { JsonError } from "../protocol/json.ts";
import { isValidName } from "../protocol/names.ts";
import { ByteReader, type ByteSink, MAX_LINE } from "../protocol/reader.ts";
import { byteString, bytesOf, utf8 } from "../protocol/text.ts";
import { SECOND } from "../time.ts";
import { decodePeerInfo, identityJson, type LookupdIdentity } from "./identify.ts";
import type { Peer } from "./producer.ts";
import type { Registry } from "./registry.ts";

/** "  V1": what an nsqd sends first, as an int32. */
const MAGIC_V1 = 0x20205631;
/** Largest body of IDENTIFY in bytes. The Go daemon has no bound, and crashes on a negative length (surprises 59). */
const MAX_IDENTIFY = 1024 * 1024;
/** After an error, how long the peer has to read it and close. */
const LINGER = SECOND;

/** What all sessions of an nsqlookupd share. */
export interface SessionContext {
  readonly host: Host;
  readonly registry: Registry;
  /** Known when both listeners are bound. */
  identity(): LookupdIdentity;
  closed(session: LookupdSession): void;
}

/** What the bytes that come are: state × what the reader finds. */
type State = "magic" | "line" | "size" | "body" | "closed";

const TAB = 0x09;
const CR = 0x0d;
const SPACE = 0x20;

/**
 * The connection of one nsqd: commands as lines, answers with a length but no type (nsqlookupd §A2). Commands may be
 * pipelined; the answers of one step leave in one write. Every error is fatal.
 */
export class LookupdSession implements StreamEvents, ByteSink {
  private readonly context: SessionContext;
  private readonly stream: ByteStream;
  private readonly reader = new ByteReader(this);
  private state: State = "magic";
  private peer: Peer | null = null;
  private body: Uint8Array = new Uint8Array(0);
  /** Answers of this step, as a byte string. */
  private unsent = "";
  private linger: Timer | null = null;
  private isReadingPaused = false;
  private readonly flush = (): void => this.flushNow();

  constructor(context: SessionContext, stream: ByteStream) {
    this.context = context;
    this.stream = stream;
    this.reader.expectInt32();
  }

  /** Closes our side after what was answered. */
  close(): void {
    if (this.state === "closed") return;
    this.leave();
    this.flushNow();
    this.stream.end();
    this.linger = this.context.host.timer(this.context.host.now() + LINGER, () => this.stream.destroy());
  }

  data(bytes: Uint8Array): void {
    this.reader.feed(bytes);
  }

  ended(): void {
    if (this.state === "size") this.fail("E_BAD_BODY", "IDENTIFY failed to read body size");
    else if (this.state === "body") this.fail("E_BAD_BODY", "IDENTIFY failed to read body");
    else this.close();
  }

  drained(): void {
    if (!this.isReadingPaused) return;
    this.isReadingPaused = false;
    this.stream.resumeReading();
  }

  closed(cause: CloseCause): void {
    this.context.host.log("debug", `client ${this.stream.remoteAddress} is gone: ${cause}`);
    this.linger?.cancel();
    this.leave();
  }

  // What the reader finds.

  int32(value: number): void {
    if (this.state === "magic") return this.magic(value);
    if (value < 0) return this.fail("E_BAD_BODY", `IDENTIFY invalid body size ${value}`);
    if (value > MAX_IDENTIFY) return this.fail("E_BAD_BODY", `IDENTIFY body too big ${value} > ${MAX_IDENTIFY}`);
    this.state = "body";
    this.body = new Uint8Array(value);
    if (value === 0) return this.filled();
    return this.reader.expectBytes(this.body, 0, value);
  }

  filled(): void {
    const { body } = this;
    this.body = new Uint8Array(0);
    this.identify(body);
  }

  lineTooLong(): void {
    this.fail("E_INVALID", `command line is longer than ${MAX_LINE} bytes`);
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    const [command = "", ...params] = trimmed(bytes, start, end).split(" ");
    switch (command) {
      case "PING":
        return this.ping();
      case "IDENTIFY":
        if (this.peer !== null) return this.fail("E_INVALID", "cannot IDENTIFY again");
        this.state = "size";
        return this.reader.expectInt32();
      case "REGISTER":
      case "UNREGISTER":
        return this.change(command, params);
      default:
        return this.fail("E_INVALID", `invalid command ${command}`);
    }
  }

  private magic(value: number): void {
    if (value !== MAGIC_V1) {
      this.respond("E_BAD_PROTOCOL");
      return this.close();
    }
    return this.nextLine();
  }

  private ping(): void {
    if (this.peer !== null) this.heard(this.peer);
    this.succeed("OK");
  }

  private identify(body: Uint8Array): void {
    const { context, stream } = this;
    let info;
    try {
      info = decodePeerInfo(body, stream.remoteAddress);
    } catch (error) {
      if (error instanceof JsonError) return this.fail("E_BAD_BODY", "IDENTIFY failed to decode JSON body");
      throw error;
    }
    if (info === null) return this.fail("E_BAD_BODY", "IDENTIFY missing fields");
    this.peer = { info, heardAt: 0, heardAtWall: 0 };
    this.heard(this.peer);
    context.registry.add(this.peer);
    const where = `Address:${info.broadcastAddress} TCP:${info.tcpPort} HTTP:${info.httpPort} Version:${info.version}`;
    context.host.log("info", `CLIENT(${stream.remoteAddress}): IDENTIFY ${where}`);
    return this.succeed(utf8(identityJson(context.identity())));
  }

  private change(command: "REGISTER" | "UNREGISTER", params: readonly string[]): void {
    const { registry, host } = this.context;
    const { peer } = this;
    const [topic, channel = ""] = params;
    if (peer === null) return this.fail("E_INVALID", "client must IDENTIFY");
    if (topic === undefined) return this.fail("E_INVALID", `${command} insufficient number of params`);
    if (!isValidName(topic)) return this.fail("E_BAD_TOPIC", `${command} topic name '${topic}' is not valid`);
    if (channel !== "" && !isValidName(channel)) {
      return this.fail("E_BAD_CHANNEL", `${command} channel name '${channel}' is not valid`);
    }
    host.log("info", `DB: client(${peer.info.remoteAddress}) ${command} topic:${topic} channel:${channel}`);
    if (command === "REGISTER") registry.register(peer, topic, channel);
    else if (channel !== "") registry.unregisterChannel(peer, topic, channel);
    else this.unregisterTopic(peer, topic);
    return this.succeed("OK");
  }

  private unregisterTopic(peer: Peer, topic: string): void {
    const left = this.context.registry.unregisterTopic(peer, topic);
    if (left.length === 0) return;
    this.context.host.log("warn", `client(${peer.info.remoteAddress}) left ${topic} with channels ${left.join(", ")}`);
  }

  private heard(peer: Peer): void {
    peer.heardAt = this.context.host.now();
    peer.heardAtWall = this.context.host.wallNow();
  }

  private nextLine(): void {
    this.state = "line";
    this.reader.expectLine();
  }

  private succeed(answer: string): void {
    this.respond(answer);
    this.nextLine();
  }

  private fail(code: string, text: string): void {
    this.context.host.log("error", `CLIENT(${this.stream.remoteAddress}): ${code} ${text}`);
    this.respond(`${code} ${text}`);
    this.close();
  }

  private respond(text: string): void {
    if (this.unsent === "") this.context.host.endOfStep(this.flush);
    const { length } = text;
    this.unsent += String.fromCharCode(length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255) + text;
  }

  private flushNow(): void {
    if (this.unsent === "") return;
    const bytes = bytesOf(this.unsent);
    this.unsent = "";
    // Who asks without reading the answers is not read any further.
    if (this.stream.write(bytes) || this.state === "closed" || this.isReadingPaused) return;
    this.isReadingPaused = true;
    this.stream.pauseReading();
  }

  /** The end, for all that know this session. */
  private leave(): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.reader.stop();
    if (this.peer !== null) this.context.registry.remove(this.peer);
    this.context.closed(this);
    if (this.isReadingPaused) this.stream.resumeReading();
  }
}

/** The bytes as a byte string, without the white space around them. */
function trimmed(bytes: Uint8Array, start: number, end: number): string {
  let from = start;
  let to = end;
  while (from < to && isSpace(bytes[from]!)) from += 1;
  while (to > from && isSpace(bytes[to - 1]!)) to -= 1;
  return byteString(bytes, from, to);
}

function isSpace(byte: number): boolean {
  return byte === SPACE || (byte >= TAB && byte <= CR);
}
