import type { HostError } from "../host.ts";
import { ATTEMPTS_AT, ID_AT, MESSAGE_HEADER, TIMESTAMP_AT } from "../protocol/frame.ts";
import { NOT_HEX, parseHalf } from "../protocol/id.ts";
import type { Handle, Slab } from "../queue/slab.ts";
import { DiskQueue } from "../storage/diskqueue.ts";
import type { Environment } from "./environment.ts";
import { beginMessage, frameLength } from "./message.ts";

/** A record is a message frame without its size and type (diskqueue §2.1). */
const RECORD_HEADER = MESSAGE_HEADER - TIMESTAMP_AT;
const RECORD_ATTEMPTS_AT = ATTEMPTS_AT - TIMESTAMP_AT;
/** Where the id is in a record. */
export const RECORD_ID_AT = ID_AT - TIMESTAMP_AT;

function isId(bytes: Uint8Array, at: number): boolean {
  return parseHalf(bytes, at) !== NOT_HEX && parseHalf(bytes, at + 8) !== NOT_HEX;
}

/** The disk part of the queue of a lasting topic or channel: messages as records of a disk queue. */
export class Backend {
  /** Of the message that was taken last. */
  takenAttempts = 0;
  private readonly environment: Environment;
  private readonly slab: Slab;
  private readonly queue: DiskQueue;
  /** The record to be read next has an id. */
  private isChecked = false;

  /** @param onReadable called when reading has become possible again */
  constructor(environment: Environment, name: string, slab: Slab, onReadable: () => void) {
    const { host, options, policies, blocks } = environment;
    const settings = {
      maxBytesPerFile: options.maxBytesPerFile,
      minRecord: RECORD_HEADER,
      maxRecord: options.maxMsgSize + RECORD_HEADER,
      syncEvery: options.syncEvery,
      syncTimeout: options.syncTimeout,
      policy: policies.diskQueue,
    };
    this.environment = environment;
    this.slab = slab;
    this.queue = new DiskQueue(host, name, settings, blocks, onReadable);
  }

  get depth(): number {
    return this.queue.depth;
  }

  /** The next record, once {@link isReadable}. */
  get head(): { readonly bytes: Uint8Array; readonly at: number } {
    return this.queue.head;
  }

  /**
   * Whether there is a next record. One whose id is no id, as a torn write may leave behind, is passed over: nobody could
   * answer it.
   */
  isReadable(): boolean {
    const { queue } = this;
    while (queue.isReadable()) {
      if (this.isChecked) return true;
      const { bytes, at } = queue.head;
      this.isChecked = isId(bytes, at + RECORD_ID_AT);
      if (this.isChecked) return true;
      this.environment.host.log("error", `DISKQUEUE(${queue.name}) passing over a message without an id`);
      queue.take();
    }
    return false;
  }

  /**
   * Writes messages, in one go as far as they fit into one file. Returns how many are with the operating system: all
   * of them, unless there is a {@link failure}. The caller keeps its hold of them.
   *
   * @param attempts of each message; null: 0
   */
  write(handles: readonly Handle[], attempts: readonly number[] | null, from: number, to: number): number {
    const { slab, environment } = this;
    const { batch } = environment;
    batch.clear();
    for (let index = from; index < to; index += 1) {
      const page = slab.page(handles[index]!);
      const offset = slab.offset(handles[index]!);
      const end = offset + frameLength(page, offset);
      const at = batch.add(end - offset - TIMESTAMP_AT);
      batch.bytes.set(page.subarray(offset + TIMESTAMP_AT, end), at);
      const count = attempts === null ? 0 : attempts[index]!;
      batch.bytes[at + RECORD_ATTEMPTS_AT] = count >>> 8;
      batch.bytes[at + RECORD_ATTEMPTS_AT + 1] = count;
    }
    const written = this.queue.write(batch, 0);
    environment.health.wrote(this.failure);
    return written;
  }

  /** Why the last {@link write} stopped short. */
  get failure(): HostError | null {
    return this.queue.failure;
  }

  /** Takes the next message into the slab. */
  take(): Handle {
    const { slab, queue } = this;
    const { bytes, at, length } = queue.head;
    const handle = beginMessage(slab, length - RECORD_HEADER, 0);
    slab.page(handle).set(bytes.subarray(at, at + length), slab.offset(handle) + TIMESTAMP_AT);
    this.takenAttempts = (bytes[at + RECORD_ATTEMPTS_AT]! << 8) | bytes[at + RECORD_ATTEMPTS_AT + 1]!;
    queue.take();
    this.isChecked = false;
    return handle;
  }

  empty(): void {
    this.isChecked = false;
    this.queue.empty();
  }

  /** The end, files included. */
  delete(): void {
    this.queue.delete();
  }

  /** The end, files saved; `done` is called after that. */
  close(done: () => void): void {
    this.queue.close(done);
  }
}
