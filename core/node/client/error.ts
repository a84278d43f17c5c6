import type { Message } from "./message.ts";

/**
 * `handler`: it threw or rejected; the message was requeued. `answer`: nsqd refused a FIN, REQ or TOUCH, usually
 * because the message timed out before. `connection`: a connection failed or was lost; it is tried again. `lookup`: an
 * nsqlookupd did not answer, or does not know the topic; the next one is asked.
 */
export type ConsumerErrorKind = "handler" | "answer" | "connection" | "lookup";

/** What went wrong in a consumer; it goes on nevertheless. */
export class ConsumerError extends Error {
  override readonly name = "ConsumerError";
  readonly kind: ConsumerErrorKind;
  /** Address of the nsqd or nsqlookupd. */
  readonly address: string;
  /** For `handler`: what it worked on. */
  readonly handled: Message | null;

  constructor(kind: ConsumerErrorKind, address: string, text: string, handled: Message | null, cause?: unknown) {
    super(text, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.address = address;
    this.handled = handled;
  }
}
