/**
 * Snappy's framing format (google/snappy, framing_format.txt; protocol §12): a stream identifier, then chunks of at most
 * 64 KiB with their checksums.
 */
import { compressBlock, decompressBlock, MAX_BLOCK, maxCompressedLength } from "./block.ts";
import { maskedCrc32c } from "./crc32c.ts";

const IDENTIFIER = Uint8Array.of(0xff, 6, 0, 0, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59);
const COMPRESSED = 0x00;
const UNCOMPRESSED = 0x01;
/** From here on chunks may be skipped by who does not know them. */
const FIRST_SKIPPABLE = 0x80;
const STREAM_START = 0xff;

const CHUNK_HEADER = 4;
const CHECKSUM = 4;
/** Of the data of a chunk that is not skipped: what the largest block can need. */
const MAX_CHUNK = CHECKSUM + maxCompressedLength(MAX_BLOCK);
/** Shorter pieces go out as they are: compressing them gains nothing. */
const MIN_BLOCK = 32;

/** The sending side of one stream. */
export class SnappyEncoder {
  private isStarted = false;

  /** Encodes the bytes into new memory, so that the peer can decode all of them. */
  encode(bytes: Uint8Array): Uint8Array {
    const { length } = bytes;
    const chunks = Math.ceil(length / MAX_BLOCK);
    const heads = chunks * (CHUNK_HEADER + CHECKSUM + maxCompressedLength(0));
    const output = new Uint8Array(IDENTIFIER.length + heads + maxCompressedLength(length));
    let at = 0;
    if (!this.isStarted) {
      output.set(IDENTIFIER);
      at = IDENTIFIER.length;
      this.isStarted = true;
    }
    for (let start = 0; start < length; start += MAX_BLOCK) {
      at = writeChunk(bytes, start, Math.min(start + MAX_BLOCK, length), output, at);
    }
    return output.subarray(0, at);
  }
}

function writeChunk(bytes: Uint8Array, start: number, end: number, output: Uint8Array, at: number): number {
  const length = end - start;
  const dataAt = at + CHUNK_HEADER + CHECKSUM;
  let type = COMPRESSED;
  let dataEnd = length < MIN_BLOCK ? Infinity : compressBlock(bytes, start, end, output, dataAt);
  // As Go's writer: what shrinks by less than an eighth is not worth the reader's time.
  if (dataEnd - dataAt >= length - Math.floor(length / 8)) {
    type = UNCOMPRESSED;
    output.set(bytes.subarray(start, end), dataAt);
    dataEnd = dataAt + length;
  }
  writeUint24(output, at + 1, dataEnd - at - CHUNK_HEADER);
  output[at] = type;
  const crc = maskedCrc32c(bytes, start, end);
  for (let index = 0; index < CHECKSUM; index += 1) output[at + CHUNK_HEADER + index] = crc >>> (8 * index);
  return dataEnd;
}

function writeUint24(output: Uint8Array, at: number, value: number): void {
  output[at] = value;
  output[at + 1] = value >>> 8;
  output[at + 2] = value >>> 16;
}

/** Where blocks are decompressed. In use only until the next block. */
const SCRATCH = new Uint8Array(MAX_BLOCK);

/** Gets what a chunk holds, in order; at most 64 KiB, valid only during the call. */
export type TakePlain = (bytes: Uint8Array) => void;

/** The receiving side of one stream: bytes in, cut anywhere; what they hold out. Keeps at most one chunk. */
export class SnappyDecoder {
  private readonly take: TakePlain;
  /** The beginning of a chunk that earlier bytes brought, with its header. */
  private kept = new Uint8Array(0);
  private keptLength = 0;
  /** Bytes of a skipped chunk that are still to come. */
  private skip = 0;
  private isStarted = false;

  constructor(take: TakePlain) {
    this.take = take;
  }

  /** @returns null, or what is wrong with the stream; it cannot go on then. */
  push(bytes: Uint8Array): string | null {
    let at = 0;
    while (at < bytes.length) {
      if (this.skip > 0) {
        const skipped = Math.min(this.skip, bytes.length - at);
        this.skip -= skipped;
        at += skipped;
        continue;
      }
      if (this.keptLength === 0 && bytes.length - at >= CHUNK_HEADER) {
        const size = CHUNK_HEADER + readUint24(bytes, at + 1);
        if (bytes.length - at >= size && bytes[at]! < FIRST_SKIPPABLE) {
          const fault = this.chunk(bytes, at, at + size);
          if (fault !== null) return fault;
          at += size;
          continue;
        }
      }
      const wanted = this.keptLength < CHUNK_HEADER ? CHUNK_HEADER : CHUNK_HEADER + readUint24(this.kept, 1);
      const count = Math.min(wanted - this.keptLength, bytes.length - at);
      this.keep(bytes, at, at + count, wanted);
      at += count;
      if (this.keptLength < wanted) continue;
      const fault = wanted === CHUNK_HEADER ? this.header() : this.keptChunk();
      if (fault !== null) return fault;
    }
    return null;
  }

  private keep(bytes: Uint8Array, start: number, end: number, wanted: number): void {
    if (wanted > this.kept.length) {
      const larger = new Uint8Array(wanted);
      larger.set(this.kept.subarray(0, this.keptLength));
      this.kept = larger;
    }
    this.kept.set(bytes.subarray(start, end), this.keptLength);
    this.keptLength += end - start;
  }

  /** The four bytes of a header are there. Nothing is kept for a chunk before its size is known to be allowed. */
  private header(): string | null {
    const [type = 0] = this.kept;
    const size = readUint24(this.kept, 1);
    if (type !== STREAM_START && !this.isStarted) return "no stream identifier";
    if (type >= FIRST_SKIPPABLE && type !== STREAM_START) {
      this.keptLength = 0;
      this.skip = size;
      return null;
    }
    const most = type === STREAM_START ? IDENTIFIER.length - CHUNK_HEADER : MAX_CHUNK;
    if (size > most) return `a chunk of ${size} bytes`;
    return size === 0 ? this.keptChunk() : null;
  }

  private keptChunk(): string | null {
    const { kept, keptLength } = this;
    this.keptLength = 0;
    const fault = this.chunk(kept, 0, keptLength);
    // A large chunk is rare on a connection that commands come on: its memory is let go.
    if (kept.length > 4096) this.kept = new Uint8Array(0);
    return fault;
  }

  /** A whole chunk with its header. */
  private chunk(bytes: Uint8Array, start: number, end: number): string | null {
    const type = bytes[start]!;
    if (type === STREAM_START) {
      this.isStarted = true;
      return isIdentifier(bytes, start, end) ? null : "a wrong stream identifier";
    }
    if (!this.isStarted) return "no stream identifier";
    if (type !== COMPRESSED && type !== UNCOMPRESSED) return `unknown chunk type ${type}`;
    const dataAt = start + CHUNK_HEADER + CHECKSUM;
    if (dataAt > end) return "a chunk without a checksum";
    let plain: Uint8Array;
    if (type === COMPRESSED) {
      const length = decompressBlock(bytes, dataAt, end, SCRATCH);
      if (length < 0) return "a block that is none";
      plain = SCRATCH.subarray(0, length);
    } else {
      if (end - dataAt > MAX_BLOCK) return `a chunk of ${end - dataAt} bytes`;
      plain = bytes.subarray(dataAt, end);
    }
    if (maskedCrc32c(plain, 0, plain.length) !== readUint32(bytes, start + CHUNK_HEADER)) return "a wrong checksum";
    if (plain.length > 0) this.take(plain);
    return null;
  }
}

function isIdentifier(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== IDENTIFIER.length) return false;
  return IDENTIFIER.every((byte, index) => bytes[start + index] === byte);
}

function readUint24(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
}

function readUint32(bytes: Uint8Array, at: number): number {
  return (readUint24(bytes, at) | (bytes[at + 3]! << 24)) >>> 0;
}
