import { type Random, randomStream } from "../../core/random.ts";

/** Any strings that some parser somewhere takes for something else. */
const ODD_TEXTS = [
  "",
  " ",
  "0",
  "-1",
  "1e9",
  "0x10",
  "2147483648",
  "99999999999999999999",
  "NaN",
  "null",
  "__proto__",
  "constructor",
  "#ephemeral",
  "t#ephemeral",
  "..",
  "../../t",
  "%00",
  "%",
  "a b",
  "\0",
  "\r",
  "\xff\xfe",
  "\xed\xa0\x80",
  "x".repeat(64),
  "x".repeat(65),
  "x".repeat(5000),
] as const;

/** What one input is made of, drawn from its seed. Text is a byte string: a character per byte. */
export class Draw {
  private readonly random: Random;

  constructor(seed: number | string) {
    this.random = randomStream(seed, "fuzz");
  }

  integer(min: number, max: number): number {
    return this.random.integer(min, max);
  }

  /** One time in `times`. */
  once(times: number): boolean {
    return this.random.chance(1, times);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.random.integer(0, choices.length - 1)]!;
  }

  /** Between `min` and `max` of what `draw` gives. */
  many<T>(min: number, max: number, draw: () => T): T[] {
    return Array.from({ length: this.random.integer(min, max) }, draw);
  }

  /** Any bytes; lengths near 0 are the likeliest. */
  bytes(most: number): string {
    const length = Math.floor(most * this.random.unit() ** 3);
    let text = "";
    for (let index = 0; index < length; index += 1) text += String.fromCharCode(this.random.integer(0, 255));
    return text;
  }

  oddText(): string {
    return this.once(3) ? this.bytes(40) : this.pick(ODD_TEXTS);
  }

  /** Mostly small, sometimes at a limit. */
  int32(): number {
    return this.once(2) ? this.integer(0, 300) : this.pick([-1, -(2 ** 31), 2 ** 31 - 1, 2 ** 16, 1000, 1001, 2000, 0]);
  }
}
