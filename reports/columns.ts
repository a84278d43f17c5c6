/**
 * Columns of integers as text for a page: zigzag, LEB128, base64. Neighbouring rows are alike, so most columns are
 * stored as differences; a history row takes about 17 characters.
 */

const SEVEN_BITS = 0x80;

/** Encodes integers (|x| < 2^52), each as the difference to the one before. */
export function encodeDeltas(values: ArrayLike<number>, count: number = values.length): string {
  const writer = new ByteWriter(count * 2);
  let before = 0;
  for (let index = 0; index < count; index += 1) {
    const value = Math.round(values[index]!);
    writer.varint(zigzag(value - before));
    before = value;
  }
  return base64(writer.bytes());
}

/** Encodes integers (|x| < 2^52), each for itself. */
export function encodePlain(values: ArrayLike<number>, count: number = values.length): string {
  const writer = new ByteWriter(count);
  for (let index = 0; index < count; index += 1) writer.varint(zigzag(Math.round(values[index]!)));
  return base64(writer.bytes());
}

/** The inverse of {@link encodeDeltas}, into `into`, whose length says how many there are. */
export function decodeDeltas<T extends Float64Array | Int32Array | Uint8Array>(text: string, into: T): T {
  const reader = new ByteReader(text);
  let value = 0;
  for (let index = 0; index < into.length; index += 1) {
    value += unzigzag(reader.varint());
    into[index] = value;
  }
  return into;
}

/** The inverse of {@link encodePlain}. */
export function decodePlain<T extends Float64Array | Int32Array | Uint8Array>(text: string, into: T): T {
  const reader = new ByteReader(text);
  for (let index = 0; index < into.length; index += 1) into[index] = unzigzag(reader.varint());
  return into;
}

// Arithmetic instead of shifts: values exceed 32 bits.
function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

class ByteWriter {
  private buffer: Uint8Array;
  private length = 0;

  constructor(capacity: number) {
    this.buffer = new Uint8Array(Math.max(16, capacity));
  }

  varint(value: number): void {
    if (this.length + 8 > this.buffer.length) this.grow();
    let rest = value;
    while (rest >= SEVEN_BITS) {
      this.buffer[this.length] = (rest % SEVEN_BITS) + SEVEN_BITS;
      this.length += 1;
      rest = Math.floor(rest / SEVEN_BITS);
    }
    this.buffer[this.length] = rest;
    this.length += 1;
  }

  bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  private grow(): void {
    const larger = new Uint8Array(this.buffer.length * 2);
    larger.set(this.buffer);
    this.buffer = larger;
  }
}

class ByteReader {
  private readonly bytes: string;
  private position = 0;

  constructor(text: string) {
    this.bytes = atob(text);
  }

  varint(): number {
    let value = 0;
    let weight = 1;
    for (;;) {
      const byte = this.bytes.charCodeAt(this.position);
      this.position += 1;
      if (byte < SEVEN_BITS) return value + byte * weight;
      value += (byte - SEVEN_BITS) * weight;
      weight *= SEVEN_BITS;
    }
  }
}

/** In pieces: the arguments of one call are limited. */
function base64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let start = 0; start < bytes.length; start += 0x6000)
    parts.push(btoa(String.fromCharCode(...bytes.subarray(start, start + 0x6000))));
  return parts.join("");
}
