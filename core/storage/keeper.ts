import { type Host, HostError, type StoredFile, type Timer } from "../host.ts";
import type { Micros } from "../time.ts";
import { type QueueState, renderState, stateFile } from "./state.ts";

export interface SyncSettings {
  /** Reads and writes between two syncs. */
  readonly syncEvery: number;
  /** Longest time between an operation and a sync. */
  readonly syncTimeout: Micros;
}

/** The queue that is synced. */
export interface KeptQueue {
  /** Its state now. */
  snapshot(): QueueState;
  /** Its state, but the reader where a completed sync has left it: see {@link StateKeeper.saveNow}. */
  safeState(): QueueState;
  /**
   * A sync that began with that snapshot is over, or has failed. No saved state leads to data files before `firstFile`;
   * or there was no room to save one.
   */
  synced(snapshot: QueueState, firstFile: number): void;
}

interface Unsynced {
  readonly file: StoredFile;
  /** The writer has left it: this is its last sync. */
  isLeft: boolean;
}

/**
 * Syncs a disk queue (diskqueue §9): first the data files, then the state as it was when the sync began, so that a
 * durable state never speaks of records that are not. Syncs go on while the queue is used; what is asked for meanwhile
 * is one sync more.
 */
export class StateKeeper {
  private readonly host: Host;
  private readonly queue: string;
  private readonly settings: SyncSettings;
  private readonly kept: KeptQueue;
  /** Syncs by time are due at multiples of the timeout from here. */
  private readonly startedAt: Micros;
  private unsynced: Unsynced[] = [];
  /** Names of files that another process has written; opened one by one, when their turn comes. */
  private foundFiles: string[] = [];
  /** Files of the sync under way that are not synced yet. */
  private awaited: readonly Unsynced[] = [];
  private operations = 0;
  private timer: Timer | null = null;
  private isSyncing = false;
  private isWanted = false;
  /** The state was saved at once since the sync under way began: its own state is out of date. */
  private isOvertaken = false;
  /** The reader's file in the saved state. */
  private savedReadFile = 0;
  private isClosed = false;
  private closed: (() => void) | null = null;
  private readonly due = (): void => {
    this.timer = null;
    if (this.operations > 0) this.sync();
  };

  constructor(host: Host, queue: string, settings: SyncSettings, kept: KeptQueue) {
    this.host = host;
    this.queue = queue;
    this.settings = settings;
    this.kept = kept;
    this.startedAt = host.now();
  }

  /** So many records were written or handed over. */
  operated(count: number): void {
    this.operations += count;
    if (this.operations >= this.settings.syncEvery) this.sync();
    else if (this.timer === null) this.arm();
  }

  /** The file has bytes that are not durable yet. */
  written(file: StoredFile): void {
    if (this.unsynced.every((each) => each.file !== file)) this.unsynced.push({ file, isLeft: false });
  }

  /** The process before may have left the file unsynced: it is with the next sync. */
  found(name: string): void {
    this.foundFiles.push(name);
    this.operated(1);
  }

  /** The writer does not need the file any more: it is closed, after its sync if it needs one. */
  left(file: StoredFile): void {
    const isIt = (each: Unsynced): boolean => each.file === file;
    const entry = this.unsynced.find(isIt) ?? this.awaited.find(isIt);
    if (entry === undefined) file.close();
    else entry.isLeft = true;
  }

  /**
   * Saves the state at once, for everything but a power loss. What was taken in this step may still be on its way to
   * another queue, so that the reader stays where it was.
   */
  saveNow(): HostError | null {
    const state = this.kept.safeState();
    const error = this.host.files.replaceNow(stateFile(this.queue), renderState(state));
    if (error === null) {
      this.isOvertaken = true;
      this.savedReadFile = state.readFile;
    } else {
      this.complain(error);
    }
    return error;
  }

  /** Begins a sync, or lets one follow the one under way. */
  sync(): void {
    if (this.isClosed) return;
    if (this.isSyncing) this.isWanted = true;
    else this.begin();
  }

  /** The last sync; `done` is called after it, whether it worked or not. */
  close(done: () => void): void {
    this.closed = done;
    this.sync();
    this.isClosed = true;
    this.timer?.cancel();
  }

  /** All files that were written are left, and removed. */
  emptied(): void {
    this.foundFiles = [];
    this.leaveAll();
  }

  /** No more syncs: the queue is deleted. */
  abandon(): void {
    this.isClosed = true;
    this.isWanted = false;
    this.timer?.cancel();
  }

  private arm(): void {
    const { host, settings, startedAt } = this;
    const period = Math.max(settings.syncTimeout, 1);
    const periods = Math.floor((host.now() - startedAt) / period) + 1;
    this.timer = host.timer(startedAt + periods * period, this.due);
  }

  private begin(): void {
    this.isSyncing = true;
    this.isWanted = false;
    this.isOvertaken = false;
    this.operations = 0;
    const files = this.unsynced;
    this.unsynced = [];
    this.awaited = files;
    this.syncFound(files, this.kept.snapshot());
  }

  private syncFound(files: readonly Unsynced[], state: QueueState): void {
    const name = this.foundFiles[0];
    if (name === undefined) return this.syncFile(files, 0, state);
    const next = (): void => {
      this.foundFiles.shift();
      this.syncFound(files, state);
    };
    const file = this.host.files.open(name, false);
    if (file instanceof HostError) {
      if (file.code === "ENOENT") return next();
      return this.failed(files, state, file);
    }
    return file.sync((error) => {
      file.close();
      if (error === null || this.isGone) next();
      else this.failed(files, state, error);
    });
  }

  /** What is not durable yet is tried again. */
  private failed(files: readonly Unsynced[], state: QueueState, error: HostError): void {
    this.unsynced.unshift(...files.filter((each) => !this.unsynced.some((one) => one.file === each.file)));
    this.awaited = [];
    this.ended(state, error);
  }

  private syncFile(files: readonly Unsynced[], index: number, state: QueueState): void {
    const next = files[index];
    this.awaited = files.slice(index);
    if (next === undefined) {
      if (this.isGone) return;
      if (this.isOvertaken) return this.ended(state, null);
      this.host.files.replace(stateFile(this.queue), renderState(state), (error) => this.ended(state, error));
      return;
    }
    next.file.sync((error) => {
      if (error !== null && !this.isGone) return this.failed(this.awaited, state, error);
      if (next.isLeft) next.file.close();
      return this.syncFile(files, index + 1, state);
    });
  }

  private ended(state: QueueState, error: HostError | null): void {
    this.isSyncing = false;
    // Of two states the one saved at once is newer, but its reader is further back.
    if (error === null && this.isOvertaken) this.isWanted = true;
    else this.savedReadFile = state.readFile;
    if (!this.isGone) this.kept.synced(state, this.savedReadFile);
    if (error !== null) this.complain(error);
    if (this.isWanted) return this.begin();
    if (this.closed !== null) {
      this.leaveAll();
      return this.closed();
    }
    if (error === null || this.isClosed) return undefined;
    this.operations += 1;
    if (this.timer === null) this.arm();
    return undefined;
  }

  /** Deleted while a sync was under way: nothing is left to be saved. */
  private get isGone(): boolean {
    return this.isClosed && this.closed === null;
  }

  private leaveAll(): void {
    for (const { file, isLeft } of this.unsynced) {
      if (!isLeft) continue;
      const underWay = this.awaited.find((each) => each.file === file);
      if (underWay === undefined) file.close();
      else underWay.isLeft = true;
    }
    this.unsynced = [];
  }

  private complain(error: HostError): void {
    this.host.log("error", `DISKQUEUE(${this.queue}) failed to sync - ${error.message}`);
  }
}
