import type { CommandLine } from "../protocol/command.ts";
import { MESSAGE_HEADER } from "../protocol/frame.ts";
import { quote } from "../protocol/quote.ts";
import type { Handle } from "../queue/slab.ts";
import type { PendingBody } from "./body.ts";
import { beginMessage } from "./message.ts";
import { type PublishSession, topicNameOf, waitForIds } from "./publish.ts";
import type { Topic } from "./topic.ts";

/** Bytes of the smallest element: its size and one byte. */
const SMALLEST_ELEMENT = 5;
const COUNT_BYTES = 4;
const SIZE_BYTES = 4;

type Step = "total" | "count" | "size" | "body";

/**
 * MPUB (protocol §8). Nothing is enqueued before the last element has come; if then a disk refuses some, the client is
 * told that it failed, though a part may have been stored, as in nsqd (surprises 34). The total length only has to be in range, it does not bound the parse; but elements that exceed the largest
 * allowed body are refused even so, or a lying client could fill the memory.
 */
export class MultiPublish implements PendingBody {
  private readonly session: PublishSession;
  private topic: Topic | null = null;
  private step: Step = "total";
  private readonly handles: Handle[] = [];
  private count = 0;
  /** Of what has come after the total length. */
  private bytes = 0;

  constructor(session: PublishSession) {
    this.session = session;
  }

  /** Checks the line of the command and creates the topic; true: its body is to be read. */
  begin(line: CommandLine): boolean {
    const { session } = this;
    if (line.count < 2) {
      session.fail("E_INVALID", "MPUB insufficient number of parameters");
      return false;
    }
    const name = topicNameOf(session.published, line);
    if (name === null) {
      const quoted = quote(line.bytes, line.start(1), line.end(1));
      session.fail("E_BAD_TOPIC", `E_BAD_TOPIC MPUB topic name ${quoted} is not valid`);
      return false;
    }
    const { gate } = session;
    if (gate === null) this.accept(name);
    else gate.check("MPUB", name, "", () => this.accept(name));
    return !session.isClosed;
  }

  int32(value: number): void {
    if (this.step === "size") this.beginElement(value);
    else if (this.step === "count") this.beginElements(value);
    else this.beginBatch(value);
  }

  filled(): void {
    if (this.handles.length < this.count) {
      this.step = "size";
      this.session.reader.expectInt32();
    } else {
      this.finish();
    }
  }

  incomplete(): readonly [string, string] {
    if (this.step === "total") return ["E_BAD_BODY", "MPUB failed to read body size"];
    if (this.step === "count") return ["E_BAD_BODY", "MPUB failed to read message count"];
    if (this.step === "body") return ["E_BAD_MESSAGE", "MPUB failed to read message body"];
    return ["E_BAD_MESSAGE", `MPUB failed to read message(${this.handles.length}) body size`];
  }

  abandon(): void {
    for (const handle of this.handles) this.topic?.slab.release(handle);
    this.handles.length = 0;
    this.topic = null;
  }

  private accept(name: string): void {
    const { session } = this;
    this.topic = session.published.create(name);
    this.step = "total";
    this.handles.length = 0;
    session.reader.expectInt32();
  }

  private beginBatch(total: number): void {
    const { session } = this;
    const { maxBodySize } = session.published.environment.options;
    if (total <= 0) return session.fail("E_BAD_BODY", `MPUB invalid body size ${total}`);
    if (total > maxBodySize) return session.fail("E_BAD_BODY", `MPUB body too big ${total} > ${maxBodySize}`);
    this.step = "count";
    session.reader.expectInt32();
    return undefined;
  }

  private beginElements(count: number): void {
    const { session } = this;
    const { maxBodySize } = session.published.environment.options;
    if (count <= 0 || count > Math.floor((maxBodySize - COUNT_BYTES) / SMALLEST_ELEMENT)) {
      return session.fail("E_BAD_BODY", `MPUB invalid message count ${count}`);
    }
    this.count = count;
    this.bytes = COUNT_BYTES;
    this.step = "size";
    session.reader.expectInt32();
    return undefined;
  }

  private beginElement(size: number): void {
    const { session, topic } = this;
    const { maxMsgSize, maxBodySize } = session.published.environment.options;
    if (size <= 0) {
      return session.fail("E_BAD_MESSAGE", `MPUB invalid message(${this.handles.length}) body size ${size}`);
    }
    if (size > maxMsgSize) return session.fail("E_BAD_MESSAGE", `MPUB message too big ${size} > ${maxMsgSize}`);
    this.bytes += SIZE_BYTES + size;
    if (this.bytes > maxBodySize) {
      return session.fail("E_BAD_BODY", `MPUB body too big ${this.bytes} > ${maxBodySize}`);
    }
    const { slab } = topic!;
    const handle = beginMessage(slab, size, 0);
    this.handles.push(handle);
    this.step = "body";
    session.reader.expectBytes(slab.page(handle), slab.offset(handle) + MESSAGE_HEADER, size);
    return undefined;
  }

  private finish(): void {
    const { session, handles } = this;
    const topic = this.topic!;
    if (!topic.idWait.isOver) return waitForIds(session, topic, () => this.finish());
    session.readClock();
    for (let index = 0; index < handles.length; index += 1) topic.seal(handles[index]!);
    const refusal = topic.putAll(handles, session.now());
    if (refusal !== null) return session.fail("E_MPUB_FAILED", `MPUB failed ${refusal}`);
    session.published.count(topic, handles.length);
    handles.length = 0;
    this.topic = null;
    return session.succeed();
  }
}
