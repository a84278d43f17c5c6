import type { CommandLine } from "../protocol/command.ts";
import { MESSAGE_HEADER } from "../protocol/frame.ts";
import { isValidName } from "../protocol/names.ts";
import { NOT_A_NUMBER, parseBase10 } from "../protocol/numbers.ts";
import { quote } from "../protocol/quote.ts";
import { byteString } from "../protocol/text.ts";
import { type Handle, lifetimeOf, Slab } from "../queue/slab.ts";
import { MILLISECOND } from "../time.ts";
import type { AuthGate } from "./auth/gate.ts";
import type { BodySession, PendingBody } from "./body.ts";
import { goDuration } from "./goduration.ts";
import { beginMessage, frameLength } from "./message.ts";
import type { PublishLog } from "./publishlog.ts";
import type { Topic } from "./topic.ts";

/** What publishing needs of its session. */
export interface PublishSession extends BodySession {
  readonly isClosed: boolean;
  /** Null: everybody may publish everything. */
  readonly gate: AuthGate | null;
  readonly published: PublishLog;
  /** Sets the time that the next messages get. */
  readClock(): void;
  now(): number;
  /** Nothing more is read from the client until {@link goOn}. */
  wait(): void;
  goOn(task: () => void): void;
}

/** PUB and DPUB (protocol §8). One object per connection, used again and again. */
export class Publish implements PendingBody {
  private readonly session: PublishSession;
  private command: "PUB" | "DPUB" = "PUB";
  private topicName = "";
  private delayMs = 0;
  private hasSize = false;
  private slab: Slab | null = null;
  private handle: Handle = 0;

  constructor(session: PublishSession) {
    this.session = session;
  }

  /** Checks the line of the command; true: its body is to be read. */
  begin(command: "PUB" | "DPUB", line: CommandLine): boolean {
    const { session } = this;
    this.command = command;
    this.delayMs = 0;
    if (line.count < (command === "PUB" ? 2 : 3)) {
      session.fail("E_INVALID", `${command} insufficient number of parameters`);
      return false;
    }
    const name = topicNameOf(session.published, line);
    if (name === null) {
      const quoted = quote(line.bytes, line.start(1), line.end(1));
      session.fail("E_BAD_TOPIC", `${command} topic name ${quoted} is not valid`);
      return false;
    }
    this.topicName = name;
    if (command === "DPUB" && !this.readDelay(line)) return false;
    this.hasSize = false;
    session.reader.expectInt32();
    return true;
  }

  int32(size: number): void {
    const { session, command } = this;
    const { options, pages } = session.published.environment;
    if (size <= 0) return session.fail("E_BAD_MESSAGE", `${command} invalid message body size ${size}`);
    if (size > options.maxMsgSize) {
      return session.fail("E_BAD_MESSAGE", `${command} message too big ${size} > ${options.maxMsgSize}`);
    }
    this.hasSize = true;
    // The topic is created only when the whole body is there (protocol §8): until then it has no slab to use.
    const slab = session.published.find(this.topicName)?.slab ?? new Slab(pages);
    this.slab = slab;
    this.handle = beginMessage(slab, size, lifetimeOf(this.delayMs * MILLISECOND));
    session.reader.expectBytes(slab.page(this.handle), slab.offset(this.handle) + MESSAGE_HEADER, size);
    return undefined;
  }

  filled(): void {
    const { gate } = this.session;
    if (gate === null) this.accept();
    else gate.check(this.command, this.topicName, "", () => this.accept());
  }

  incomplete(): readonly [string, string] {
    const what = this.hasSize ? "message body" : "message body size";
    return ["E_BAD_MESSAGE", `${this.command} failed to read ${what}`];
  }

  abandon(): void {
    this.slab?.release(this.handle);
    this.slab = null;
  }

  private accept(): void {
    const { session, delayMs, slab } = this;
    const topic = session.published.create(this.topicName);
    if (!topic.idWait.isOver) return waitForIds(session, topic, () => this.accept());
    if (slab !== null && slab !== topic.slab) this.moveTo(topic, slab);
    this.slab = topic.slab;
    session.readClock();
    topic.seal(this.handle);
    const refusal = topic.put(this.handle, delayMs, session.now());
    if (refusal !== null) return session.fail(`E_${this.command}_FAILED`, `${this.command} failed ${refusal}`);
    this.slab = null;
    session.published.count(topic, 1);
    return session.succeed();
  }

  private readDelay(line: CommandLine): boolean {
    const { session } = this;
    const delayMs = parseBase10(line.bytes, line.start(2), line.end(2));
    if (delayMs === NOT_A_NUMBER) {
      const text = byteString(line.bytes, line.start(2), line.end(2));
      session.fail("E_INVALID", `DPUB could not parse timeout ${text}`);
      return false;
    }
    const { maxReqTimeout } = session.published.environment.options;
    const delay = goDuration(delayMs);
    if (delay < 0 || delay > maxReqTimeout) {
      const maxMs = Math.trunc(maxReqTimeout / MILLISECOND);
      session.fail("E_INVALID", `DPUB timeout ${delayMs} out of range 0-${maxMs}`);
      return false;
    }
    this.delayMs = Math.trunc(delay / MILLISECOND);
    return true;
  }

  /** The body went elsewhere: the topic was not there yet, or was deleted and created again. */
  private moveTo(topic: Topic, slab: Slab): void {
    const length = frameLength(slab.page(this.handle), slab.offset(this.handle));
    const lifetime = lifetimeOf(this.delayMs * MILLISECOND);
    const copy = topic.slab.copyFrom(slab, this.handle, length, lifetime);
    slab.release(this.handle);
    this.handle = copy;
  }
}

/** The client waits until there are ids. */
export function waitForIds(session: PublishSession, topic: Topic, then: () => void): void {
  session.wait();
  topic.idWait.whenOver(() => {
    if (!session.isClosed) session.goOn(then);
  });
}

/** The topic's name, or null if it is none; the usual one, the same as before, without making a string. */
export function topicNameOf(published: PublishLog, line: CommandLine): string | null {
  if (published.isLatest(line.bytes, line.start(1), line.end(1))) return published.latestName;
  const name = byteString(line.bytes, line.start(1), line.end(1));
  return isValidName(name) ? name : null;
}
