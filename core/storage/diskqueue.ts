import { assert } from "../assert.ts";
import type { Host, HostError, Timer } from "../host.ts";
import { type Micros, SECOND } from "../time.ts";
import { LENGTH_BYTES, type RecordBatch } from "./batch.ts";
import type { BlockPool } from "./blocks.ts";
import { type KeptQueue, StateKeeper, type SyncSettings } from "./keeper.ts";
import type { DiskQueuePolicy } from "./policy.ts";
import { type ReadFailure, RecordReader } from "./reader.ts";
import { recover } from "./recovery.ts";
import { dataFile, type QueueState, stateFile } from "./state.ts";
import { RecordWriter } from "./writer.ts";

export interface DiskQueueSettings extends SyncSettings {
  readonly maxBytesPerFile: number;
  /** Bytes that a record can have. */
  readonly minRecord: number;
  readonly maxRecord: number;
  readonly policy: DiskQueuePolicy;
}

/** Unreadable files passed over in one go; the rest of them in a later step. */
const FILES_PER_CALL = 256;
/** Reading goes on this much later when the system had no means for it. */
const RETRY_AFTER = SECOND;
/** A medium that fails may be a cable: it is read again so many times before the file is given up. */
const MEDIUM_TRIES = 60;
const MEDIUM_CODE = "EIO";
/** The system's codes for lack of means: too many open files, no memory, no permission, interrupted. */
const PASSING_CODES: ReadonlySet<string> = new Set([
  "EMFILE",
  "ENFILE",
  "ENOMEM",
  "EACCES",
  "EPERM",
  "EAGAIN",
  "EINTR",
]);

/**
 * A first-in, first-out queue of byte records in files: go-diskqueue 1.1.0, file by file and byte by byte (diskqueue.md),
 * so that a data path of nsqd goes on here and the other way round.
 *
 * The record to be read next is loaded ahead, but still before the saved position, so that a crash does not lose it.
 */
export class DiskQueue implements KeptQueue {
  readonly name: string;
  private readonly host: Host;
  private readonly settings: DiskQueueSettings;
  private readonly state: QueueState;
  /** The reader as the last sync has left it, and the records taken since then. */
  private safe: QueueState;
  private takenSince = 0;
  /** {@link takenSince} when the sync under way began. */
  private takenBefore = 0;
  /** Data files from here on may exist. */
  private firstFile: number;
  private readonly reader: RecordReader;
  private readonly writer: RecordWriter;
  private readonly keeper: StateKeeper;
  /** Called when reading has become possible again. */
  private readonly onReadable: () => void;
  /** The next record is in the reader. */
  private isLoaded = false;
  private retry: Timer | null = null;
  /** Times in a row that the medium has failed. */
  private mediumFailures = 0;
  private isClosed = false;

  constructor(host: Host, name: string, settings: DiskQueueSettings, blocks: BlockPool, onReadable: () => void) {
    const { files } = host;
    const { policy, maxBytesPerFile } = settings;
    this.host = host;
    this.name = name;
    this.settings = settings;
    this.onReadable = onReadable;
    this.reader = new RecordReader(files, name, blocks, settings.minRecord, settings.maxRecord);
    const { state, isKnown, unsynced } = recover(host, name, policy, this.reader);
    this.state = state;
    this.safe = { ...state };
    this.firstFile = state.readFile;
    this.keeper = new StateKeeper(host, name, settings, this);
    const completed = (number: number, size: number): void => this.reader.completed(number, size);
    const parts = { state, keeper: this.keeper, completed };
    this.writer = new RecordWriter(files, name, { maxBytesPerFile, policy, isKnown }, parts);
    for (const file of unsynced) this.keeper.found(dataFile(name, file));
  }

  /** Records written and not yet taken. After a crash it may be wrong until the end is reached (diskqueue §11). */
  get depth(): number {
    return this.state.depth;
  }

  /** Where the next record is, once {@link isReadable}: `length` bytes of `bytes` from `at`, until the next call. */
  get head(): { readonly bytes: Uint8Array; readonly at: number; readonly length: number } {
    assert(this.isLoaded, "there is a next record");
    return this.reader;
  }

  /** Why the last {@link write} took fewer records than it was given. */
  get failure(): HostError | null {
    return this.writer.failure;
  }

  /**
   * Writes the records of a batch, from the one numbered `first` on. Returns how many it took: they are with the
   * operating system and will be read. Fewer than all: see {@link failure}.
   */
  write(batch: RecordBatch, first: number): number {
    assert(!this.isClosed, "a closed queue is not written");
    const count = this.writer.write(batch, first);
    if (count > 0) this.keeper.operated(count);
    return count;
  }

  /** Whether there is a record to {@link take}. Loads it. */
  isReadable(): boolean {
    if (this.isLoaded) return true;
    const { state } = this;
    if (!this.hasMore()) {
      if (state.depth !== 0) this.checkTail();
      return false;
    }
    return !this.isClosed && this.retry === null && this.load();
  }

  /** The next record is handed over. */
  take(): void {
    assert(this.isLoaded, "there is a record to take");
    const { state, reader } = this;
    this.isLoaded = false;
    state.readAt += LENGTH_BYTES + reader.length;
    state.depth -= 1;
    this.takenSince += 1;
    this.keeper.operated(1);
    if (state.readFile < state.writeFile) {
      if (state.readAt >= reader.size) this.nextFile();
    } else if (state.readAt >= state.writeAt) {
      reader.rest();
      this.checkTail();
    }
  }

  snapshot(): QueueState {
    this.takenBefore = this.takenSince;
    return { ...this.state };
  }

  safeState(): QueueState {
    const { depth, writeFile, writeAt } = this.state;
    const { readFile, readAt } = this.safe;
    return { depth: depth + this.takenSince, readFile, readAt, writeFile, writeAt };
  }

  synced(snapshot: QueueState, firstFile: number): void {
    // Else the reader has been moved meanwhile.
    if (snapshot.readFile >= this.safe.readFile) {
      this.safe = snapshot;
      this.takenSince -= this.takenBefore;
      this.takenBefore = 0;
    }
    this.removeUntil(Math.min(firstFile, this.state.readFile));
  }

  /** Drops all records, and their files. */
  empty(): void {
    const { state, reader, writer } = this;
    this.isLoaded = false;
    reader.close();
    writer.close();
    this.keeper.emptied();
    this.removeUntil(state.writeFile + 1);
    state.depth = 0;
    this.startAt(state.writeFile + 1);
    this.remove(stateFile(this.name));
    writer.isKnown = false;
  }

  /** The end of the queue and its files. */
  delete(): void {
    this.end();
    this.keeper.abandon();
    this.empty();
  }

  /** Closes the files and saves the state; `done` is called after that. */
  close(done: () => void): void {
    this.end();
    this.reader.close();
    this.writer.close();
    this.keeper.close(done);
  }

  private end(): void {
    assert(!this.isClosed, "a queue closes once");
    this.isClosed = true;
    this.isLoaded = false;
    this.retry?.cancel();
  }

  private hasMore(): boolean {
    const { readFile, readAt, writeFile, writeAt } = this.state;
    return readFile < writeFile || (readFile === writeFile && readAt < writeAt);
  }

  /** Loads the next record; past damaged files, if need be. False: there is none, or not now. */
  private load(): boolean {
    const { state, reader } = this;
    for (let files = 0; this.hasMore(); files += 1) {
      if (files === FILES_PER_CALL) {
        this.continueAt(this.host.now());
        return false;
      }
      const isComplete = state.readFile < state.writeFile;
      let failure = reader.open(state.readFile);
      if (failure === null) {
        if (isComplete && state.readAt >= reader.size && this.settings.policy.removesReadFiles) {
          this.nextFile();
          continue;
        }
        failure = reader.load(state.readAt, isComplete ? reader.size : state.writeAt);
      }
      if (failure === null) {
        this.isLoaded = true;
        this.mediumFailures = 0;
        return true;
      }
      if (this.settings.policy.retriesReading && this.mayPass(failure)) {
        this.retryLater(failure);
        return false;
      }
      this.setAside(failure);
    }
    return false;
  }

  /** The file is read to its end. */
  private nextFile(): void {
    const { state, reader } = this;
    reader.close();
    state.readFile += 1;
    state.readAt = 0;
    // The file goes after the next sync: until then the saved state leads to it.
    this.keeper.sync();
    this.checkTail();
  }

  /** The rest of the file cannot be read: it stays on disk, but is not delivered (diskqueue §7). */
  private setAside(failure: ReadFailure): void {
    const { state, host, name } = this;
    const file = dataFile(name, state.readFile);
    host.log("error", `DISKQUEUE(${name}) reading at ${state.readAt} of ${file} - ${failure.text}`);
    this.reader.close();
    if (state.readFile === state.writeFile) this.writer.leave();
    host.log("warn", `DISKQUEUE(${name}) jump to next file and saving bad file as ${file}.bad`);
    const error = host.files.rename(file, `${file}.bad`);
    if (error !== null)
      host.log("error", `DISKQUEUE(${name}) failed to rename bad diskqueue file ${file} - ${error.message}`);
    state.readFile += 1;
    state.readAt = 0;
    this.moveSafe();
    this.keeper.sync();
    this.checkTail();
  }

  /** Whether the failure may say nothing about the file. */
  private mayPass({ code }: ReadFailure): boolean {
    if (code !== MEDIUM_CODE) return PASSING_CODES.has(code);
    this.mediumFailures = (this.mediumFailures + 1) % MEDIUM_TRIES;
    return this.mediumFailures !== 0;
  }

  private retryLater(failure: ReadFailure): void {
    const { host, name, state } = this;
    host.log(
      "error",
      `DISKQUEUE(${name}) reading at ${state.readAt} of file ${state.readFile}, will try again - ${failure.text}`,
    );
    this.continueAt(host.now() + RETRY_AFTER);
  }

  private continueAt(at: Micros): void {
    this.retry = this.host.timer(at, () => {
      this.retry = null;
      this.onReadable();
    });
  }

  /** At the end the depth must be 0, and the reader not beyond the writer (diskqueue §8). */
  private checkTail(): void {
    const { state, host, name } = this;
    if (this.hasMore()) return;
    if (state.depth !== 0) {
      const what = state.depth < 0 ? ["negative", "metadata corruption"] : ["positive", "data loss"];
      host.log("error", `DISKQUEUE(${name}) ${what[0]} depth at tail (${state.depth}), ${what[1]}, resetting 0...`);
      state.depth = 0;
      this.keeper.sync();
    }
    if (state.readFile === state.writeFile && state.readAt === state.writeAt) return;
    host.log("error", `DISKQUEUE(${name}) reading beyond the end of writing: skipping to a new file, resetting 0...`);
    this.skipToNewFile();
  }

  private skipToNewFile(): void {
    const { state } = this;
    this.reader.close();
    this.writer.close();
    const last = Math.max(state.readFile, state.writeFile);
    this.removeUntil(last + 1);
    this.startAt(last + 1);
    this.writer.isKnown = false;
    this.keeper.sync();
  }

  /** Reader and writer begin in a file that is not there yet. */
  private startAt(file: number): void {
    const { state } = this;
    state.writeFile = file;
    state.writeAt = 0;
    state.readFile = file;
    state.readAt = 0;
    this.moveSafe();
  }

  /** What is behind the reader is gone. */
  private moveSafe(): void {
    this.safe = { ...this.state };
    this.takenSince = 0;
    this.takenBefore = 0;
  }

  private removeUntil(end: number): void {
    for (; this.firstFile < end; this.firstFile += 1) this.remove(dataFile(this.name, this.firstFile));
  }

  private remove(file: string): void {
    const error = this.host.files.remove(file);
    if (error !== null) this.host.log("error", `DISKQUEUE(${this.name}) failed to remove ${file} - ${error.message}`);
  }
}
