import type { CommandLine } from "../protocol/command.ts";
import { ID_LENGTH } from "../protocol/frame.ts";
import { NOT_HEX, parseHalf } from "../protocol/id.ts";
import { byteString } from "../protocol/text.ts";
import type { Micros } from "../time.ts";
import type { AnswerFailure } from "./channel.ts";
import { requeueDelay } from "./requeuedelay.ts";
import type { Subscriber } from "./subscriber.ts";

/** An error for a client: its code and its text. */
export type Refusal = readonly [code: string, text: string];

/**
 * FIN, REQ or TOUCH (protocol §8): checks the line and answers the message; what is wrong with it, or null.
 *
 * @param msgTimeout what TOUCH gives
 */
export function answerMessage(
  command: "FIN" | "REQ" | "TOUCH",
  line: CommandLine,
  subscriber: Subscriber,
  msgTimeout: Micros,
  maxReqTimeout: Micros,
  now: Micros,
): Refusal | null {
  const words = command === "REQ" ? 3 : 2;
  if (line.count < words) return ["E_INVALID", `${command} insufficient number of params`];
  if (line.length(1) !== ID_LENGTH) return ["E_INVALID", "invalid message ID"];
  let delay = 0;
  if (command === "REQ") {
    delay = requeueDelay(line, maxReqTimeout);
    if (delay < 0) return ["E_INVALID", `REQ could not parse timeout ${textOf(line, 2)}`];
  }
  const at = line.start(1);
  const high = parseHalf(line.bytes, at);
  const low = parseHalf(line.bytes, at + ID_LENGTH / 2);
  const { channel } = subscriber;
  let failure: AnswerFailure;
  if (high === NOT_HEX || low === NOT_HEX) failure = "ID not in flight";
  else if (command === "FIN") failure = channel.finish(subscriber, high, low, now);
  else if (command === "REQ") failure = channel.requeue(subscriber, high, low, delay, now);
  else failure = channel.touch(subscriber, high, low, msgTimeout, now);
  return failure === null ? null : [`E_${command}_FAILED`, `${command} ${textOf(line, 1)} failed ${failure}`];
}

function textOf(line: CommandLine, word: number): string {
  return byteString(line.bytes, line.start(word), line.end(word));
}
