import { assert } from "../assert.ts";
import { type FileStore, HostError, type StoredFile } from "../host.ts";
import { readUint32 } from "../protocol/frame.ts";
import { LENGTH_BYTES } from "./batch.ts";
import type { BlockPool } from "./blocks.ts";
import { dataFile } from "./state.ts";

/** Why a record cannot be read. */
export interface ReadFailure {
  /** The file ends within the record, its length is impossible, or the system refused. */
  readonly kind: "short" | "corrupt" | "system";
  readonly text: string;
  /** The system's code, else "". */
  readonly code: string;
}

const NO_BYTES = new Uint8Array(0);

/**
 * Reads the data files of a queue record by record, out of large blocks. At most one file is open, and a block is held
 * only while there is something to read.
 */
export class RecordReader {
  /** The record that was loaded last: `length` bytes of `bytes` from `at`. */
  bytes: Uint8Array = NO_BYTES;
  at = 0;
  length = 0;
  /** Bytes of the open file, if it is complete. */
  size = 0;
  private readonly files: FileStore;
  private readonly queue: string;
  private readonly pool: BlockPool;
  private readonly least: number;
  private readonly most: number;
  private file: StoredFile | null = null;
  private number = -1;
  private block: Uint8Array | null = null;
  /** Where the content of the block is in the file. */
  private blockFrom = 0;
  private blockTo = 0;

  /** @param least @param most bytes that a record can have */
  constructor(files: FileStore, queue: string, pool: BlockPool, least: number, most: number) {
    this.files = files;
    this.queue = queue;
    this.pool = pool;
    this.least = least;
    this.most = most;
  }

  /** Opens a data file, unless it is open. A complete one has its {@link size} afterwards. */
  open(number: number): ReadFailure | null {
    if (number === this.number) return null;
    this.close();
    const file = this.files.open(dataFile(this.queue, number), false);
    if (file instanceof HostError) return refused(file);
    const size = file.size();
    if (size instanceof HostError) {
      file.close();
      return refused(size);
    }
    this.file = file;
    this.number = number;
    this.size = size;
    return null;
  }

  /** The writer left a file of that size. */
  completed(number: number, size: number): void {
    if (number === this.number) this.size = size;
  }

  /** Loads the record at `position` of the open file, of which nothing is read from `end` on. */
  load(position: number, end: number): ReadFailure | null {
    const lengthFailure = this.provide(position, LENGTH_BYTES, end);
    if (lengthFailure !== null) return lengthFailure;
    const length = readUint32(this.block!, position - this.blockFrom) | 0;
    if (length < this.least || length > this.most) {
      return { kind: "corrupt", text: `invalid message read size (${length})`, code: "" };
    }
    const failure = this.provide(position, LENGTH_BYTES + length, end);
    if (failure !== null) return failure;
    this.bytes = this.block!;
    this.at = position - this.blockFrom + LENGTH_BYTES;
    this.length = length;
    return null;
  }

  /** There is nothing to read for now. */
  rest(): void {
    if (this.block !== null) this.pool.give(this.block);
    this.block = null;
    this.bytes = NO_BYTES;
    this.blockFrom = 0;
    this.blockTo = 0;
  }

  close(): void {
    this.rest();
    this.file?.close();
    this.file = null;
    this.number = -1;
  }

  /** Has `count` bytes from `position` in the block. */
  private provide(position: number, count: number, end: number): ReadFailure | null {
    if (position >= this.blockFrom && position + count <= this.blockTo) return null;
    if (position + count > end) {
      return short(position >= end);
    }
    assert(this.file !== null, "a file is open");
    if (this.block === null || this.block.length < count) {
      this.rest();
      this.block = this.pool.take(count);
    }
    const { block } = this;
    const wanted = Math.min(block.length, end - position);
    const got = this.file.read(wanted === block.length ? block : block.subarray(0, wanted), position);
    this.blockFrom = position;
    this.blockTo = position + (got instanceof HostError ? 0 : got);
    if (got instanceof HostError) return refused(got);
    return got < count ? short(got === 0) : null;
  }
}

function short(isAtEnd: boolean): ReadFailure {
  return { kind: "short", text: isAtEnd ? "EOF" : "unexpected EOF", code: "" };
}

function refused(error: HostError): ReadFailure {
  return { kind: "system", text: error.message, code: error.code };
}
