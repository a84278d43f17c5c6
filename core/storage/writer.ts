import { assert } from "../assert.ts";
import { type FileStore, HostError, type StoredFile } from "../host.ts";
import type { RecordBatch } from "./batch.ts";
import type { StateKeeper } from "./keeper.ts";
import type { DiskQueuePolicy } from "./policy.ts";
import { dataFile, type QueueState } from "./state.ts";

/** Appends records to the data files of a queue and moves the writer's side of its state (diskqueue §5). */
export class RecordWriter {
  private readonly files: FileStore;
  private readonly queue: string;
  private readonly maxBytesPerFile: number;
  private readonly policy: DiskQueuePolicy;
  private readonly state: QueueState;
  private readonly keeper: StateKeeper;
  /** Told of a file that became complete, before the writer's state moves on. */
  private readonly completed: (number: number, size: number) => void;
  private file: StoredFile | null = null;
  /** There is a state file that leads to the current file, so that its records will be found after a crash. */
  isKnown: boolean;

  constructor(
    files: FileStore,
    queue: string,
    settings: { readonly maxBytesPerFile: number; readonly policy: DiskQueuePolicy; readonly isKnown: boolean },
    parts: {
      readonly state: QueueState;
      readonly keeper: StateKeeper;
      readonly completed: (number: number, size: number) => void;
    },
  ) {
    this.files = files;
    this.queue = queue;
    this.maxBytesPerFile = settings.maxBytesPerFile;
    this.policy = settings.policy;
    this.isKnown = settings.isKnown;
    this.state = parts.state;
    this.keeper = parts.keeper;
    this.completed = parts.completed;
  }

  /**
   * Hands the records of a batch to the operating system, from the one numbered `first` on. Returns how many it took;
   * fewer than all: see {@link failure}.
   */
  write(batch: RecordBatch, first: number): number {
    this.failure = null;
    let next = first;
    let isOneByOne = false;
    while (next < batch.count) {
      const fitting = this.fitting(batch, next);
      const end = isOneByOne ? Math.min(fitting, next + 1) : fitting;
      this.failure = end === next ? this.roll() : this.append(batch, next, end);
      if (this.failure === null) next = end;
      else if (this.policy.storesPartly && end > next + 1) isOneByOne = true;
      else break;
    }
    return next - first;
  }

  /** Why the last {@link write} stopped short. */
  failure: HostError | null = null;

  /** Lets go of the current file. */
  close(): void {
    if (this.file !== null) this.keeper.left(this.file);
    this.file = null;
  }

  /** The number of the first record that does not fit into the current file with those from `from` on. */
  private fitting(batch: RecordBatch, from: number): number {
    const { writeAt } = this.state;
    const room = this.maxBytesPerFile - writeAt;
    const start = batch.start(from);
    if (batch.length - start <= room) return batch.count;
    let end = from;
    while (end < batch.count && batch.start(end + 1) - start <= room) end += 1;
    // A record that is larger than a whole file has one to itself.
    return end === from && writeAt === 0 ? from + 1 : end;
  }

  private append(batch: RecordBatch, from: number, end: number): HostError | null {
    const { state } = this;
    const file = this.file ?? this.open();
    if (file instanceof HostError) return file;
    const bytes = batch.bytes.subarray(batch.start(from), batch.start(end));
    const error = file.write(bytes, state.writeAt);
    if (error !== null) {
      // What was refused must not be found by a later start.
      if (this.policy.guardsState) file.truncate(state.writeAt);
      this.close();
      return error;
    }
    this.keeper.written(file);
    state.writeAt += bytes.length;
    state.depth += end - from;
    return null;
  }

  private open(): HostError | StoredFile {
    const { state, policy } = this;
    if (policy.guardsState && !this.isKnown) {
      const error = this.keeper.saveNow();
      if (error !== null) return error;
      this.isKnown = true;
    }
    const file = this.files.open(dataFile(this.queue, state.writeFile), true);
    if (file instanceof HostError) return file;
    const error = policy.guardsState ? file.truncate(state.writeAt) : null;
    if (error !== null) {
      file.close();
      return error;
    }
    this.file = file;
    return file;
  }

  /** On to the next file. The state is saved before anything is written there. */
  private roll(): HostError | null {
    const { state } = this;
    assert(state.writeAt > 0, "an empty file is not left");
    this.leave();
    this.isKnown = this.keeper.saveNow() === null;
    this.keeper.sync();
    return null;
  }

  /** The current file is complete, or not to be used any more. */
  leave(): void {
    const { state } = this;
    this.close();
    this.completed(state.writeFile, state.writeAt);
    state.writeFile += 1;
    state.writeAt = 0;
    this.isKnown = false;
  }
}
