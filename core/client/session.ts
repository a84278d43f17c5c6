import { assert, unreachable } from "../assert.ts";
import {
  ATTEMPTS_AT,
  FRAME_HEADER,
  FRAME_MESSAGE,
  FRAME_RESPONSE,
  ID_AT,
  MESSAGE_HEADER,
  readUint32,
} from "../protocol/frame.ts";
import { NOT_HEX, parseHalf } from "../protocol/id.ts";
import { bytesOf, decodeUtf8, utf8 } from "../protocol/text.ts";
import type { Micros } from "../time.ts";
import { BodyStore } from "./bodies.ts";
import { CommandWriter } from "./commands.ts";
import type { ClientConfig } from "./config.ts";
import { FrameReader } from "./frames.ts";
import { identifyBody, LEGACY_FEATURES, parseFeatures, type Features, type Upgrade } from "./identify.ts";

/** What a session tells its owner. */
export interface SessionEvents {
  /** The handshake is over; commands may leave. */
  ready(): void;
  /** A response that is no heartbeat. */
  response(text: string): void;
  /** An error frame. */
  error(text: string): void;
  message(timestamp: Micros, attempts: number, idHigh: number, idLow: number, body: Uint8Array): void;
}

type State = "dialling" | "identifying" | "upgrading" | "authorizing" | "ready" | "closed";

/** What a session may be given; the last four are frames. */
type Input = "opened" | "response" | "heartbeat" | "error" | "message";

/** What a session does about it. `violation`: the peer broke the protocol. */
type Action = "greet" | "negotiate" | "confirm" | "admit" | "refuse" | "pass" | "answer" | "ignore" | "violation";

/** The whole life of a client's connection: state × input → action (client semantics §1). */
const TRANSITIONS: Readonly<Record<State, Readonly<Record<Input, Action>>>> = {
  dialling: {
    opened: "greet",
    response: "violation",
    heartbeat: "violation",
    error: "violation",
    message: "violation",
  },
  identifying: {
    opened: "violation",
    response: "negotiate",
    heartbeat: "answer",
    error: "refuse",
    message: "violation",
  },
  upgrading: {
    opened: "violation",
    response: "confirm",
    heartbeat: "answer",
    error: "refuse",
    message: "violation",
  },
  authorizing: {
    opened: "violation",
    response: "admit",
    heartbeat: "answer",
    error: "refuse",
    message: "violation",
  },
  ready: {
    opened: "violation",
    response: "pass",
    heartbeat: "answer",
    error: "pass",
    message: "pass",
  },
  closed: { opened: "ignore", response: "ignore", heartbeat: "ignore", error: "ignore", message: "ignore" },
};

/** By frame type (protocol §2). */
const TYPE_INPUTS: readonly Input[] = ["response", "error", "message"];

const OK = 0x4f4b;

/** Sans-I/O half of a connection to nsqd: bytes in; commands and {@link SessionEvents} out. It knows no time. */
export class ClientSession {
  /** Magic, IDENTIFY, AUTH, NOP: may leave in any state. */
  readonly control = new CommandWriter();
  /** Everything else: may leave when {@link ready}. */
  readonly commands = new CommandWriter();
  features: Features = LEGACY_FEATURES;
  /** What the stream must become before anything else is taken in: see {@link upgraded}. */
  upgrade: Upgrade | null = null;

  private state: State = "dialling";
  private readonly config: ClientConfig;
  private readonly processName: string;
  private readonly events: SessionEvents;
  private readonly frames: FrameReader;
  private readonly bodies = new BodyStore();
  /** Upgrades that the server has granted and confirmed. */
  private confirmed = 0;

  constructor(config: ClientConfig, processName: string, events: SessionEvents) {
    this.config = config;
    this.processName = processName;
    this.events = events;
    this.frames = new FrameReader(config.maxMsgSize, (type, bytes, start, end, kept) =>
      this.frame(type, bytes, start, end, kept),
    );
  }

  get ready(): boolean {
    return this.state === "ready";
  }

  /** The byte stream is established. `canDeflate`: it could be compressed with deflate. */
  opened(canDeflate: boolean): void {
    const action = TRANSITIONS[this.state].opened;
    assert(action === "greet", `a stream opens once, not in state ${this.state}`);
    this.control.magic();
    this.control.identify(identifyBody(this.config, this.processName, canDeflate));
    this.state = "identifying";
  }

  /** @returns null, or why the connection cannot go on. */
  receive(bytes: Uint8Array): string | null {
    return this.frames.push(bytes);
  }

  /** The stream has become what {@link upgrade} said. Returns bytes already taken in that came through it. */
  upgraded(): Uint8Array {
    assert(this.upgrade !== null, "an upgrade was asked for");
    this.upgrade = null;
    return this.frames.release();
  }

  /** Nothing more is taken in or told. */
  close(): void {
    this.state = "closed";
    this.frames.stop();
  }

  private frame(type: number, bytes: Uint8Array, start: number, end: number, kept: boolean): string | null {
    const row = TRANSITIONS[this.state];
    if (type === FRAME_MESSAGE && row.message === "pass") return this.takeMessage(bytes, start, end, kept);
    const named = TYPE_INPUTS[type];
    if (named === undefined) return `unknown frame type ${type}`;
    if (type === FRAME_RESPONSE && end - start === 2 && bytes[start] === OK >> 8 && bytes[start + 1] === (OK & 255)) {
      return this.act(row.response, named, "OK");
    }
    const text = type === FRAME_MESSAGE ? "" : decodeUtf8(bytes.subarray(start, end));
    const input = type === FRAME_RESPONSE && text === "_heartbeat_" ? "heartbeat" : named;
    return this.act(row[input], input, text);
  }

  private act(action: Action, input: Input, text: string): string | null {
    switch (action) {
      case "negotiate":
        return this.negotiate(text);
      case "confirm":
        if (text !== "OK") return `unexpected answer ${JSON.stringify(text)} while ${this.state}`;
        this.confirmed += 1;
        return this.goOn();
      case "admit":
        this.admit();
        return null;
      case "refuse":
        return text;
      case "answer":
        this.control.nop();
        return null;
      case "pass":
        if (input === "error") this.events.error(text);
        else this.events.response(text);
        return null;
      case "ignore":
        return null;
      case "greet":
      case "violation":
        return `unexpected ${input} frame while ${this.state}`;
      default:
        return unreachable(action);
    }
  }

  private negotiate(answer: string): string | null {
    const features = parseFeatures(answer, this.config);
    if (typeof features === "string") return features;
    this.features = features;
    return this.goOn();
  }

  /** To the next upgrade; behind the last, to AUTH. */
  private goOn(): string | null {
    const { upgrades, authRequired } = this.features;
    const upgrade = upgrades[this.confirmed];
    if (upgrade !== undefined) {
      this.state = "upgrading";
      this.upgrade = upgrade;
      this.frames.hold();
      return null;
    }
    if (!authRequired) {
      this.admit();
      return null;
    }
    if (this.config.authSecret === "") return "Auth Required";
    this.control.auth(bytesOf(utf8(this.config.authSecret)));
    this.state = "authorizing";
    return null;
  }

  private admit(): void {
    this.state = "ready";
    this.events.ready();
  }

  private takeMessage(bytes: Uint8Array, start: number, end: number, kept: boolean): string | null {
    const bodyStart = start + MESSAGE_HEADER - FRAME_HEADER;
    const idAt = start + ID_AT - FRAME_HEADER;
    const attemptsAt = start + ATTEMPTS_AT - FRAME_HEADER;
    if (end < bodyStart) return `message frame of ${end - start} bytes is too short`;
    const idHigh = parseHalf(bytes, idAt);
    const idLow = parseHalf(bytes, idAt + 8);
    if (idHigh === NOT_HEX || idLow === NOT_HEX)
      return `message id ${JSON.stringify(decodeUtf8(bytes.subarray(idAt, bodyStart)))} is not hex`;
    const attempts = (bytes[attemptsAt]! << 8) | bytes[attemptsAt + 1]!;
    const body = kept ? bytes.subarray(bodyStart, end) : this.bodies.copy(bytes, bodyStart, end);
    this.events.message(microsAt(bytes, start), attempts, idHigh, idLow, body);
    return null;
  }
}

/** A 64-bit number of nanoseconds as microseconds, without leaving exact integers. */
function microsAt(bytes: Uint8Array, at: number): Micros {
  const high = readUint32(bytes, at) | 0;
  const low = readUint32(bytes, at + 4);
  const thousands = Math.floor(high / 1_000);
  const rest = high - thousands * 1_000;
  return thousands * 0x1_0000_0000 + Math.floor((rest * 0x1_0000_0000 + low) / 1_000);
}
