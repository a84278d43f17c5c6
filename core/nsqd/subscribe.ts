import type { CommandLine } from "../protocol/command.ts";
import { isValidName } from "../protocol/names.ts";
import { quote } from "../protocol/quote.ts";
import { byteString } from "../protocol/text.ts";

/** What a SUB names; or an error code and its text. */
export type Subscribe =
  | { readonly topic: string; readonly channel: string }
  | { readonly code: string; readonly text: string };

/** Reads a SUB line, checked in nsqd's order (protocol §8). */
export function parseSubscribe(line: CommandLine, hasHeartbeats: boolean): Subscribe {
  if (!hasHeartbeats) return { code: "E_INVALID", text: "cannot SUB with heartbeats disabled" };
  if (line.count < 3) return { code: "E_INVALID", text: "SUB insufficient number of parameters" };
  const topic = byteString(line.bytes, line.start(1), line.end(1));
  if (!isValidName(topic)) {
    return { code: "E_BAD_TOPIC", text: `SUB topic name ${quoteWord(line, 1)} is not valid` };
  }
  const channel = byteString(line.bytes, line.start(2), line.end(2));
  if (!isValidName(channel)) {
    return { code: "E_BAD_CHANNEL", text: `SUB channel name ${quoteWord(line, 2)} is not valid` };
  }
  return { topic, channel };
}

function quoteWord(line: CommandLine, word: number): string {
  return quote(line.bytes, line.start(word), line.end(word));
}
