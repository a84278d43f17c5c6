import { type Command, COMMAND_NAMES } from "./states.ts";

/** Parameters that are told apart; more are counted and ignored, as nsqd does. */
const KEPT = 3;
const SPACE = 0x20;

/**
 * A command line, split at every single space (protocol §3), without making strings: one object per connection, filled
 * anew by each line. Word 0 is the command.
 */
export class CommandLine {
  bytes: Uint8Array = new Uint8Array(0);
  /** Words, the command's included; at least 1. */
  count = 0;
  private readonly starts = new Int32Array(KEPT);
  private readonly ends = new Int32Array(KEPT);

  parse(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    let count = 0;
    let from = start;
    for (let at = start; at <= end; at += 1) {
      if (at < end && bytes[at] !== SPACE) continue;
      if (count < KEPT) {
        this.starts[count] = from;
        this.ends[count] = at;
      }
      count += 1;
      from = at + 1;
    }
    this.count = count;
  }

  start(word: number): number {
    return this.starts[word]!;
  }

  end(word: number): number {
    return this.ends[word]!;
  }

  length(word: number): number {
    return this.ends[word]! - this.starts[word]!;
  }

  /** The command that word 0 names, or null. */
  command(): Command | null {
    const from = this.starts[0]!;
    const length = this.ends[0]! - from;
    const { bytes } = this;
    const candidates = BY_FIRST_LETTER[bytes[from]! & 31]!;
    for (let index = 0; index < candidates.length; index += 1) {
      const name = candidates[index]!;
      if (name.length !== length) continue;
      let at = 0;
      while (at < length && bytes[from + at] === name.charCodeAt(at)) at += 1;
      if (at === length && length > 0) return name;
    }
    return null;
  }
}

const BY_FIRST_LETTER: readonly (readonly Command[])[] = Array.from({ length: 32 }, (_, letter) =>
  COMMAND_NAMES.filter((name) => (name.charCodeAt(0) & 31) === letter),
);
