import type { CommandLine } from "../protocol/command.ts";
import { asInt64, NOT_A_NUMBER, parseBase10 } from "../protocol/numbers.ts";
import { byteString } from "../protocol/text.ts";
import type { Refusal } from "./answers.ts";

/** Reads a RDY line: the count, 1 if there is none, or what is wrong with it (protocol §8). */
export function parseReady(line: CommandLine, maxRdyCount: number): number | Refusal {
  const count = line.count > 1 ? parseBase10(line.bytes, line.start(1), line.end(1)) : 1n;
  if (count === NOT_A_NUMBER) {
    return ["E_INVALID", `RDY could not parse count ${byteString(line.bytes, line.start(1), line.end(1))}`];
  }
  const signed = asInt64(count);
  if (signed < 0n || signed > BigInt(maxRdyCount)) {
    return ["E_INVALID", `RDY count ${signed} out of range 0-${maxRdyCount}`];
  }
  return Number(signed);
}
