/**
 * Snappy's block format (google/snappy, format_description.txt): the length, then literals and copies of what came
 * before. Blocks here hold at most {@link MAX_BLOCK} bytes, as in the framing format.
 */

/** Bytes in one block, uncompressed. */
export const MAX_BLOCK = 65_536;

/** A block that must hold that many bytes takes at most so many compressed. */
export function maxCompressedLength(length: number): number {
  return 32 + length + Math.floor(length / 6);
}

const INVALID = -1;
const LITERAL = 0;
const COPY_1 = 1;
const COPY_2 = 2;

/** A match is looked for only where so many bytes follow. */
const MARGIN = 15;
const MIN_MATCH = 4;
const LARGEST_TABLE = 16_384;
const SMALLEST_TABLE = 256;

/** Where four bytes were last seen, by their hash. In use during one call only. */
const TABLE = new Uint16Array(LARGEST_TABLE);

/**
 * Writes the block of the bytes from `start` to before `end` into `output`, from `at` on.
 *
 * @returns where it ends. There must be room for {@link maxCompressedLength}.
 */
export function compressBlock(input: Uint8Array, start: number, end: number, output: Uint8Array, at: number): number {
  const length = end - start;
  let out = at;
  let rest = length;
  for (; rest >= 0x80; rest >>>= 7) output[out++] = rest | 0x80;
  output[out++] = rest;
  let literal = start;
  if (length > MARGIN) {
    let size = SMALLEST_TABLE;
    while (size < LARGEST_TABLE && size < length) size *= 2;
    const shift = 32 - Math.log2(size);
    TABLE.fill(0, 0, size);
    const limit = end - MARGIN;
    let here = start + 1;
    let found = nextMatch(input, start, here, limit, shift);
    while (found >= 0) {
      here = matchedAt;
      out = writeLiteral(input, literal, here, output, out);
      const matched = MIN_MATCH + commonLength(input, found + MIN_MATCH, here + MIN_MATCH, end);
      out = writeCopy(output, out, here - found, matched);
      here += matched;
      literal = here;
      if (here >= limit) break;
      TABLE[hashAt(input, here - 1, shift)] = here - 1 - start;
      found = nextMatch(input, start, here, limit, shift);
    }
  }
  return literal < end ? writeLiteral(input, literal, end, output, out) : out;
}

/** Where {@link nextMatch} found something that came before. */
let matchedAt = 0;

/** Looks from `from` on for four bytes that occurred before; returns where, or -1. Steps grow where nothing is found. */
function nextMatch(input: Uint8Array, start: number, from: number, limit: number, shift: number): number {
  let here = from;
  let skip = 32;
  while (here <= limit) {
    const hash = hashAt(input, here, shift);
    const candidate = start + TABLE[hash]!;
    TABLE[hash] = here - start;
    if (candidate < here && isSame4(input, candidate, here)) {
      matchedAt = here;
      return candidate;
    }
    here += skip >>> 5;
    skip += 1;
  }
  return -1;
}

function hashAt(input: Uint8Array, at: number, shift: number): number {
  const four = input[at]! | (input[at + 1]! << 8) | (input[at + 2]! << 16) | (input[at + 3]! << 24);
  return Math.imul(four, 0x1e35a7bd) >>> shift;
}

function isSame4(input: Uint8Array, a: number, b: number): boolean {
  return (
    input[a] === input[b] &&
    input[a + 1] === input[b + 1] &&
    input[a + 2] === input[b + 2] &&
    input[a + 3] === input[b + 3]
  );
}

function commonLength(input: Uint8Array, a: number, b: number, end: number): number {
  let length = 0;
  while (b + length < end && input[a + length] === input[b + length]) length += 1;
  return length;
}

function writeLiteral(input: Uint8Array, start: number, end: number, output: Uint8Array, at: number): number {
  const length = end - start;
  if (length === 0) return at;
  let out = at;
  const last = length - 1;
  if (last < 60) {
    output[out++] = LITERAL | (last << 2);
  } else if (last < 256) {
    output[out++] = LITERAL | (60 << 2);
    output[out++] = last;
  } else {
    output[out++] = LITERAL | (61 << 2);
    output[out++] = last;
    output[out++] = last >>> 8;
  }
  copyBytes(input, start, end, output, out);
  return out + length;
}

function writeCopy(output: Uint8Array, at: number, offset: number, matched: number): number {
  let out = at;
  let length = matched;
  while (length >= 68) {
    out = writeCopy2(output, out, offset, 64);
    length -= 64;
  }
  if (length > 64) {
    out = writeCopy2(output, out, offset, 60);
    length -= 60;
  }
  if (length >= 12 || offset >= 2048) return writeCopy2(output, out, offset, length);
  output[out++] = COPY_1 | ((length - 4) << 2) | ((offset >>> 8) << 5);
  output[out++] = offset;
  return out;
}

function writeCopy2(output: Uint8Array, at: number, offset: number, length: number): number {
  output[at] = COPY_2 | ((length - 1) << 2);
  output[at + 1] = offset;
  output[at + 2] = offset >>> 8;
  return at + 3;
}

/**
 * Reads the block from `start` to before `end` into `output`, which has room for {@link MAX_BLOCK} bytes.
 *
 * @returns its length, or -1 when it is none, or larger than MAX_BLOCK
 */
export function decompressBlock(input: Uint8Array, start: number, end: number, output: Uint8Array): number {
  let at = start;
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    if (at >= end || shift > 28) return INVALID;
    const byte = input[at++]!;
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  if (length > MAX_BLOCK) return INVALID;
  let out = 0;
  while (at < end) {
    const tag = input[at++]!;
    if ((tag & 3) === LITERAL) {
      let count = tag >>> 2;
      if (count >= 60) {
        const extra = count - 59;
        if (at + extra > end) return INVALID;
        count = littleEndian(input, at, extra);
        at += extra;
      }
      count += 1;
      if (count > end - at || count > length - out) return INVALID;
      copyBytes(input, at, at + count, output, out);
      at += count;
      out += count;
      continue;
    }
    const extra = (tag & 3) === COPY_1 ? 1 : (tag & 3) === COPY_2 ? 2 : 4;
    if (at + extra > end) return INVALID;
    const count = extra === 1 ? 4 + ((tag >>> 2) & 7) : (tag >>> 2) + 1;
    const offset = extra === 1 ? ((tag >>> 5) << 8) | input[at]! : littleEndian(input, at, extra);
    at += extra;
    if (offset === 0 || offset > out || count > length - out) return INVALID;
    // Byte by byte: a copy may reach into what it writes itself.
    for (let index = 0; index < count; index += 1) output[out + index] = output[out + index - offset]!;
    out += count;
  }
  return out === length ? length : INVALID;
}

function littleEndian(input: Uint8Array, at: number, bytes: number): number {
  let value = 0;
  for (let index = 0; index < bytes; index += 1) value += input[at + index]! * 2 ** (8 * index);
  return value;
}

function copyBytes(input: Uint8Array, start: number, end: number, output: Uint8Array, at: number): void {
  if (end - start <= 64) for (let from = start; from < end; from += 1) output[at + from - start] = input[from]!;
  else output.set(input.subarray(start, end), at);
}
