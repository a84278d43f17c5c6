import { DEFAULT_CLIENT_CONFIG } from "../../core/client/config.ts";
import type { Message } from "../../core/client/message.ts";
import { Producer } from "../../core/client/producer.ts";
import type { Host } from "../../core/host.ts";
import { KIND } from "../history.ts";
import type { DeadLetterSpec } from "../scenario/types.ts";
import { MIN_BODY_BYTES, numberBody, parseBusinessId } from "./body.ts";
import type { Recorder, Rows } from "./recorder.ts";

const { publish: PUBLISH, "publish-ok": PUBLISH_OK, "dead-letter": DEAD_LETTER } = KIND;

/** Whose dead letters these are. */
export interface DeadLetterOwner {
  readonly host: Host;
  readonly recorder: Recorder;
  readonly rows: Rows;
  /** topic/channel that the messages come from, and its number. */
  readonly placeName: string;
  readonly place: number;
}

/** What a dead letter says of the message it stands for. */
export interface Envelope {
  readonly topic: string;
  readonly channel: string;
  readonly attempts: number;
  readonly error: string;
}

/** Puts messages aside that a consumer cannot handle: publishes them to a topic of their own. */
export class DeadLetters {
  private readonly owner: DeadLetterOwner;
  private readonly spec: DeadLetterSpec;
  private readonly producer: Producer;
  private readonly nsqd: number;
  private readonly topic: number;

  constructor(owner: DeadLetterOwner, spec: DeadLetterSpec, nsqd: string, address: string) {
    this.owner = owner;
    this.spec = spec;
    this.producer = new Producer(owner.host, address, DEFAULT_CLIENT_CONFIG);
    this.nsqd = owner.recorder.intern(nsqd);
    this.topic = owner.recorder.intern(spec.topic);
  }

  /** The handler may fail at this attempt without the message being put aside. */
  spares(attempts: number): boolean {
    return attempts < this.spec.afterAttempts;
  }

  /** Puts a message aside and answers it. */
  put(message: Message, msg: number, error: string, answered: () => void): void {
    if (this.spec.order === "finish-first") {
      message.finish();
      answered();
      this.publish(message, msg, error, () => {});
      return;
    }
    this.publish(message, msg, error, (isAccepted) => {
      if (isAccepted) message.finish();
      else message.requeue(-1);
      answered();
    });
  }

  stop(): void {
    this.producer.stop();
  }

  private publish(message: Message, msg: number, error: string, done: (isAccepted: boolean) => void): void {
    const { recorder, rows, place, placeName } = this.owner;
    const [topic = "", channel = ""] = placeName.split("/");
    const { attempts, connection, idHigh, idLow } = message;
    const envelope: Envelope = { topic, channel, attempts, error };
    const text = JSON.stringify(envelope);
    const letter = recorder.nextMessage();
    rows.add(DEAD_LETTER, this.nsqd, place, msg, connection, attempts, letter, text, idHigh, idLow);
    rows.add(PUBLISH, this.nsqd, this.topic, letter, -1, 0, -1, "PUB");
    this.producer.publish(this.spec.topic, bodyOf(letter, parseBusinessId(message.body), text), (outcome) => {
      const isAccepted = outcome.kind === "ok";
      const kind = isAccepted ? PUBLISH_OK : KIND[outcome.kind === "unknown" ? "publish-unknown" : "publish-error"];
      const why = "error" in outcome ? outcome.error : "reason" in outcome ? outcome.reason : "";
      rows.add(kind, this.nsqd, this.topic, letter, -1, 0, 0, why);
      done(isAccepted);
    });
  }
}

/** The number of the dead letter, the business id of what it stands for, and the envelope. */
function bodyOf(letter: number, business: number, envelope: string): Uint8Array {
  const text = encodeURI(envelope);
  const body = new Uint8Array(MIN_BODY_BYTES + text.length);
  numberBody(body, letter, business);
  for (let index = 0; index < text.length; index += 1) body[MIN_BODY_BYTES + index] = text.charCodeAt(index);
  return body;
}
