/** FNV-1a of a text, 32 bits. */
export function hashText(text: string): number {
  let hash = 0x811c_9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x0100_0193);
  return hash >>> 0;
}

/** The finalizer of MurmurHash3: every bit of the input changes every bit of the output. */
function scramble(value: number): number {
  let hash = value >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A hash of 64 bits that takes in one 32-bit word after the other. */
export class Chain {
  high = 0x9e37_79b9;
  low = 0x85eb_ca6b;

  add(word: number): void {
    this.high = scramble(Math.imul(this.high, 31) + word);
    this.low = scramble(Math.imul(this.low, 131) ^ word);
  }

  copy(): Chain {
    const copy = new Chain();
    copy.high = this.high;
    copy.low = this.low;
    return copy;
  }
}

/** Names a set of named chains by 53 bits, as a number; the order of adding makes no difference. */
export class ChainSum {
  private high = 0;
  private low = 0;

  add(name: number, { high, low }: Chain): void {
    this.high = (this.high + scramble(high ^ name)) >>> 0;
    this.low = (this.low + scramble(low + name)) >>> 0;
  }

  get value(): number {
    return (scramble(this.high) % 0x20_0000) * 0x1_0000_0000 + scramble(this.low);
  }
}
