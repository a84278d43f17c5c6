import type { ByteStream, CloseCause, StreamEvents, Timer } from "../host.ts";
import { CommandLine } from "../protocol/command.ts";
import { FRAME_ERROR, FRAME_RESPONSE, MAGIC_V2, textFrame } from "../protocol/frame.ts";
import {
  type ClientSettings,
  decodeIdentify,
  grantUpgrades,
  type IdentifyRequest,
  identifyResponse,
  negotiate,
} from "../protocol/identify.ts";
import { JsonError } from "../protocol/json.ts";
import { ByteReader, type ByteSink } from "../protocol/reader.ts";
import { type Command, COMMANDS, NON_FATAL_ERRORS, type SessionState } from "../protocol/states.ts";
import { byteString } from "../protocol/text.ts";
import type { Micros } from "../time.ts";
import { answerMessage } from "./answers.ts";
import { AuthGate, type GateOwner } from "./auth/gate.ts";
import type { PendingBody } from "./body.ts";
import type { Environment } from "./environment.ts";
import { Keepalive, type KeepaliveOwner } from "./keepalive.ts";
import { Layers, type LayersOwner, offeredUpgrades } from "./layers.ts";
import { MultiPublish } from "./multipublish.ts";
import { Output, type OutputOwner } from "./output.ts";
import { Publish, type PublishSession } from "./publish.ts";
import { PublishLog, type Topics } from "./publishlog.ts";
import { parseReady } from "./ready.ts";
import { settingsAtFirst } from "./settings.ts";
import { SizedBody } from "./sizedbody.ts";
import { parseSubscribe } from "./subscribe.ts";
import { Subscriber } from "./subscriber.ts";
import { nearnessOf } from "./policy/nearest.ts";

const OK = textFrame(FRAME_RESPONSE, "OK");
const CLOSE_WAIT = textFrame(FRAME_RESPONSE, "CLOSE_WAIT");
const HEARTBEAT = textFrame(FRAME_RESPONSE, "_heartbeat_");
const BAD_PROTOCOL = textFrame(FRAME_ERROR, "E_BAD_PROTOCOL");

/** What a session asks of its broker. */
export interface SessionOwner extends Topics {
  flushLater(output: Output): void;
  sessionClosed(session: Session): void;
}

/**
 * One client connection (protocol.md): bytes in, frames out, the rules of the state table in between. Time comes with
 * every call.
 */
export class Session
  implements StreamEvents, ByteSink, OutputOwner, KeepaliveOwner, PublishSession, LayersOwner, GateOwner
{
  /** Unique in its broker. */
  readonly number: number;
  readonly stream: ByteStream;
  /** Wall clock at the accept. */
  readonly connectedAt: Micros;
  readonly published: PublishLog;
  readonly reader: ByteReader;
  readonly gate: AuthGate | null;
  state: SessionState = "init";
  settings: ClientSettings;
  subscriber: Subscriber | null = null;
  /** Null: nothing lies between this and the stream. */
  layers: Layers | null = null;
  isClosed = false;
  private readonly environment: Environment;
  private readonly owner: SessionOwner;
  private readonly output: Output;
  private readonly keepalive: Keepalive;
  private readonly words = new CommandLine();
  private readonly publish: Publish;
  private readonly multiPublish: MultiPublish;
  private body: PendingBody | null = null;
  /** The delivery loop follows the first IDENTIFY only (protocol §6). */
  private delivery: ClientSettings | null = null;
  /** Until it is in TLS, nothing but IDENTIFY is obeyed (protocol §4). */
  private needsTls: boolean;
  /** When the current step began. */
  private at: Micros;
  private isClockRead = false;
  private isReadingPaused = false;
  /** An auth server is being asked: nothing is read until it has answered. */
  private isWaiting = false;
  private hasEnded = false;
  private closing: Timer | null = null;

  constructor(environment: Environment, owner: SessionOwner, stream: ByteStream, number: number) {
    const { host, options } = environment;
    this.environment = environment;
    this.owner = owner;
    this.stream = stream;
    this.number = number;
    this.connectedAt = host.wallNow();
    this.at = host.now();
    this.settings = settingsAtFirst(options, stream.remoteAddress);
    this.needsTls = options.tlsRequired !== "false";
    this.reader = new ByteReader(this);
    this.reader.expectInt32();
    this.output = new Output(host, stream, this, this.settings.outputBufferSize, options.outputBufferTimeout);
    this.keepalive = new Keepalive(host, stream, this);
    this.gate = environment.auth === null ? null : new AuthGate(host, environment.auth, this);
    this.published = new PublishLog(environment, owner);
    this.publish = new Publish(this);
    this.multiPublish = new MultiPublish(this);
  }

  /** Ends the connection after what was written. */
  close(): void {
    if (this.isClosed) return;
    this.output.finish();
    this.detach();
    this.closing = this.environment.policies.closing.close(this.stream);
  }

  // What the stream brings.

  data(bytes: Uint8Array): void {
    this.at = this.environment.host.now();
    this.isClockRead = false;
    if (this.layers === null) this.reader.feed(bytes);
    else this.layers.receive(bytes);
  }

  ended(): void {
    this.at = this.environment.host.now();
    if (this.isWaiting) this.hasEnded = true;
    else if (this.body === null) this.close();
    else this.fail(...this.body.incomplete());
  }

  drained(): void {
    if (!this.isClosed) this.output.drained();
  }

  closed(cause: CloseCause): void {
    this.environment.host.log("debug", `client ${this.stream.remoteAddress} is gone: ${cause}`);
    this.closing?.cancel();
    this.closing = null;
    this.detach();
  }

  // What the timers bring.

  heartbeat(): void {
    // Between two layers a client listens for nothing but the OK.
    if (this.layers?.isRising !== true) this.output.response(HEARTBEAT);
  }

  readExpired(): void {
    if (this.isWaiting) this.keepalive.lineBegins(this.environment.host.now());
    else if (this.body === null) this.close();
    else this.fail(...this.body.incomplete());
  }

  writeExpired(): void {
    this.environment.host.log("warn", `client ${this.stream.remoteAddress} does not read`);
    this.detach();
    this.stream.destroy();
  }

  // What the output asks and tells.

  flushLater(output: Output): void {
    this.owner.flushLater(output);
  }

  canTakeMessages(): boolean {
    const { subscriber } = this;
    return subscriber !== null && !subscriber.channel.paused && subscriber.hasRoom();
  }

  blockedChanged(blocked: boolean): void {
    this.keepalive.writeBlocked(blocked);
    const { subscriber } = this;
    if (subscriber !== null) {
      subscriber.channel.readinessChanged(subscriber);
      if (!blocked) subscriber.channel.deliver(this.environment.host.now());
    }
    if (!blocked && this.isReadingPaused) {
      this.isReadingPaused = false;
      if (!this.isWaiting) this.stream.resumeReading();
    }
  }

  // What commands with bodies need.

  now(): Micros {
    return this.at;
  }

  readClock(): void {
    if (this.isClockRead) return;
    this.isClockRead = true;
    this.environment.time.set(this.environment.host.wallNow());
  }

  succeed(): void {
    this.answer(OK);
  }

  answer(frame: Uint8Array): void {
    this.respond(frame);
    this.body = null;
    this.nextLine();
  }

  fail(code: string, text: string): void {
    this.environment.host.log("debug", `client ${this.stream.remoteAddress}: ${code} ${text}`);
    this.respond(textFrame(FRAME_ERROR, `${code} ${text}`));
    if (!NON_FATAL_ERRORS.includes(code)) this.close();
  }

  // What the gate needs.

  wait(): void {
    this.isWaiting = true;
    this.reader.hold();
    this.stream.pauseReading();
  }

  goOn(task: () => void): void {
    this.isWaiting = false;
    this.at = this.environment.host.now();
    this.isClockRead = false;
    task();
    if (this.isWaiting) return;
    this.reader.release();
    if (!this.isReadingPaused && !this.isWaiting) this.stream.resumeReading();
    if (this.hasEnded) this.ended();
  }

  // What the reader finds.

  int32(value: number): void {
    if (this.body !== null) return this.body.int32(value);
    if (value !== MAGIC_V2) {
      this.respond(BAD_PROTOCOL);
      return this.close();
    }
    this.keepalive.setInterval(this.settings.heartbeatInterval);
    this.keepalive.startHeartbeats(this.settings.heartbeatInterval, this.at);
    this.output.setPeriod(this.settings.outputBufferTimeout, this.at);
    return this.nextLine();
  }

  filled(): void {
    this.body?.filled();
  }

  lineTooLong(): void {
    this.close();
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    const line = this.words;
    line.parse(bytes, start, end);
    const command = line.command();
    if (this.needsTls && command !== "IDENTIFY") {
      const word = byteString(bytes, line.start(0), line.end(0));
      return this.fail("E_INVALID", `cannot ${word} in current state (TLS required)`);
    }
    if (command === null) {
      return this.fail("E_INVALID", `invalid command ${byteString(bytes, line.start(0), line.end(0))}`);
    }
    const permission = COMMANDS[command][this.state];
    if (permission === "error") return this.fail("E_INVALID", `cannot ${command} in current state`);
    if (permission === "run") this.run(command, line);
    if (this.body === null && !this.isClosed) this.nextLine();
    return undefined;
  }

  private run(command: Command, line: CommandLine): void {
    switch (command) {
      case "FIN":
      case "REQ":
      case "TOUCH":
        return this.answerMessage(command, line);
      case "PUB":
      case "DPUB":
        if (this.publish.begin(command, line)) this.body = this.publish;
        return undefined;
      case "MPUB":
        if (this.multiPublish.begin(line)) this.body = this.multiPublish;
        return undefined;
      case "RDY":
        return this.ready(line);
      case "NOP":
        return undefined;
      case "SUB":
        return this.subscribe(line);
      case "CLS":
        return this.startClose();
      case "IDENTIFY":
        this.body = this.sizedBody("IDENTIFY", (body) => this.identify(body));
        return undefined;
      case "AUTH":
        if (line.count !== 1) return this.fail("E_INVALID", "AUTH invalid number of parameters");
        this.body = this.sizedBody("AUTH", (secret) => {
          if (this.gate === null) this.fail("E_AUTH_DISABLED", "AUTH disabled");
          else this.gate.authenticate(secret);
        });
        return undefined;
    }
  }

  private sizedBody(command: "IDENTIFY" | "AUTH", received: (body: Uint8Array) => void): PendingBody {
    return new SizedBody(this, command, this.environment.options.maxBodySize, received);
  }

  private identify(bytes: Uint8Array): void {
    const { environment, output, keepalive, at } = this;
    let request;
    try {
      request = decodeIdentify(bytes);
    } catch (error) {
      if (error instanceof JsonError) return this.fail("E_BAD_BODY", "IDENTIFY failed to decode JSON body");
      throw error;
    }
    const settings = negotiate(request, this.settings, environment.options);
    if (typeof settings === "string") return this.fail("E_BAD_BODY", `IDENTIFY ${settings}`);
    this.settings = settings;
    keepalive.setInterval(settings.heartbeatInterval);
    output.setSize(settings.outputBufferSize);
    if (this.delivery === null) {
      this.delivery = settings;
      keepalive.startHeartbeats(settings.heartbeatInterval, at);
      output.setPeriod(settings.outputBufferTimeout, at);
    }
    return request.featureNegotiation ? this.upgrade(request) : this.succeed();
  }

  private upgrade(request: IdentifyRequest): void {
    const { environment, stream, settings } = this;
    const granted = grantUpgrades(request, offeredUpgrades(environment, stream, this.layers));
    if (granted.deflate && granted.snappy) {
      return this.fail("E_IDENTIFY_FAILED", "cannot enable both deflate and snappy compression");
    }
    const response = textFrame(FRAME_RESPONSE, identifyResponse(environment.options, settings, granted));
    if (!granted.tls && !granted.deflate && !granted.snappy) return this.answer(response);
    this.respond(response);
    this.body = null;
    this.reader.stop();
    this.layers = new Layers(environment, stream, this.output, this, granted);
    return undefined;
  }

  // What the layers tell.

  confirm(): void {
    this.respond(OK);
    this.output.flushAll();
  }

  upgraded(): void {
    if (this.layers?.tls) this.needsTls = false;
    this.at = this.environment.host.now();
    this.nextLine();
  }

  plain(bytes: Uint8Array): void {
    this.reader.feed(bytes);
  }

  broken(fault: string): void {
    this.environment.host.log("warn", `client ${this.stream.remoteAddress}: ${fault}`);
    this.detach();
    this.stream.destroy();
  }

  private subscribe(line: CommandLine): void {
    const { settings } = this;
    const parsed = parseSubscribe(line, settings.heartbeatInterval > 0);
    if ("code" in parsed) return this.fail(parsed.code, parsed.text);
    const { topic, channel } = parsed;
    if (this.gate === null) return this.join(topic, channel);
    return this.gate.check("SUB", topic, channel, () => this.join(topic, channel));
  }

  private join(topicName: string, channelName: string): void {
    const { environment, settings } = this;
    const channel = this.owner.createTopic(topicName).createChannel(channelName);
    const limit = environment.options.maxChannelConsumers;
    if (limit > 0 && channel.clients.size >= limit) {
      const what = `consumers for ${topicName}:${channelName} exceeds limit of ${limit}`;
      return this.fail("E_SUB_FAILED", `SUB failed ${what}`);
    }
    const { msgTimeout, sampleRate } = this.delivery ?? settings;
    const nearness = nearnessOf(settings.topologyZone, settings.topologyRegion, this.environment.options);
    const disconnect = (): void => this.close();
    this.subscriber = new Subscriber(this.number, channel, this.output, disconnect, msgTimeout, sampleRate, nearness);
    channel.addClient(this.subscriber);
    this.state = "subscribed";
    return this.respond(OK);
  }

  private ready(line: CommandLine): void {
    const count = parseReady(line, this.environment.options.maxRdyCount);
    if (typeof count === "number") this.setReady(count);
    else this.fail(...count);
  }

  private setReady(count: number): void {
    const subscriber = this.subscriber!;
    subscriber.readyCount = count;
    subscriber.channel.readinessChanged(subscriber);
    // What is buffered leaves when the client can take no more (protocol §9).
    this.output.nudge();
    subscriber.channel.deliver(this.at);
  }

  private answerMessage(command: "FIN" | "REQ" | "TOUCH", line: CommandLine): void {
    const { maxReqTimeout } = this.environment.options;
    const refusal = answerMessage(command, line, this.subscriber!, this.settings.msgTimeout, maxReqTimeout, this.at);
    if (refusal !== null) this.fail(...refusal);
  }

  private startClose(): void {
    this.setReady(0);
    this.state = "closing";
    this.respond(CLOSE_WAIT);
  }

  private nextLine(): void {
    this.reader.expectLine();
    this.keepalive.lineBegins(this.at);
  }

  private respond(frame: Uint8Array): void {
    this.output.response(frame);
    // A client that asks without reading the answers is not read any further.
    if (this.output.blocked && !this.isReadingPaused) {
      this.isReadingPaused = true;
      this.stream.pauseReading();
    }
  }

  /** Leaves everything that knows this session. */
  private detach(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.reader.stop();
    this.body?.abandon();
    this.body = null;
    this.output.stop();
    this.keepalive.stop();
    this.subscriber?.channel.removeClient(this.subscriber);
    this.owner.sessionClosed(this);
    if (this.isReadingPaused || this.isWaiting) this.stream.resumeReading();
  }
}
