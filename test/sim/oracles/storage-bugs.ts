import { Backend } from "../../../core/nsqd/backend.ts";
import { Backlog } from "../../../core/nsqd/backlog.ts";
import { DiskQueue } from "../../../core/storage/diskqueue.ts";
import { StateKeeper } from "../../../core/storage/keeper.ts";
import { RecordWriter } from "../../../core/storage/writer.ts";

type Method = (this: any, ...args: any[]) => any;

/** A mistake that somebody could make where messages meet the disk. */
export interface StorageBug {
  readonly name: string;
  /** Puts the mistake in; returns what takes it out again. */
  readonly plant: () => () => void;
}

function replace(prototype: object, name: string, make: (original: Method) => Method): () => void {
  const before = Object.getOwnPropertyDescriptor(prototype, name)!;
  Object.defineProperty(prototype, name, { ...before, value: make(before.value as Method) });
  return () => Object.defineProperty(prototype, name, before);
}

const LENGTH_BYTES = 4;

function endsAtOnce(this: any, _files: unknown, _index: number, state: unknown): void {
  this.ended(state, null);
}

export const STORAGE_BUGS: readonly StorageBug[] = [
  {
    name: "the state is saved before the data",
    plant: () =>
      replace(
        StateKeeper.prototype,
        "syncFile",
        (syncFile) =>
          function stateFirst(files, _index, state) {
            syncFile.call(this, [], 0, state);
            // What the state speaks of follows when there is time for it.
            this.host.timer(this.host.now() + 18_000, () => {
              for (const { file } of files) file.sync(() => undefined);
            });
          },
      ),
  },
  {
    name: "the data is never synced",
    plant: () =>
      replace(
        StateKeeper.prototype,
        "syncFile",
        (syncFile) =>
          function stateOnly(_files, _index, state) {
            syncFile.call(this, [], 0, state);
          },
      ),
  },
  {
    name: "nothing is ever synced",
    plant: () => replace(StateKeeper.prototype, "syncFile", () => endsAtOnce),
  },
  {
    name: "the saved reader is one record ahead",
    plant: () =>
      replace(
        DiskQueue.prototype,
        "snapshot",
        (snapshot) =>
          function ahead() {
            const state = snapshot.call(this);
            if (this.isClosed || !this.isReadable()) return state;
            return { ...state, readAt: state.readAt + LENGTH_BYTES + this.reader.length, depth: state.depth - 1 };
          },
      ),
  },
  {
    name: "the saved depth is one too high",
    plant: () =>
      replace(
        DiskQueue.prototype,
        "snapshot",
        (snapshot) =>
          function deep() {
            const state = snapshot.call(this);
            return { ...state, depth: state.depth + 1 };
          },
      ),
  },
  {
    name: "a write of many leaves out the last",
    plant: () =>
      replace(
        Backend.prototype,
        "write",
        (write) =>
          function short(handles, attempts, from, to) {
            if (to - from < 3) return write.call(this, handles, attempts, from, to);
            return write.call(this, handles, attempts, from, to - 1) + 1;
          },
      ),
  },
  {
    name: "a clean stop forgets one message",
    plant: () =>
      replace(
        Backlog.prototype,
        "spill",
        (spill) =>
          function forgetful(handle, attempts) {
            // Only at the stop is anything put back that was delivered before.
            if (attempts === 1 && this.forgot !== true && this.environment.host.now() > 700_000) this.forgot = true;
            else spill.call(this, handle, attempts);
          },
      ),
  },
  {
    name: "the writer goes over the end of its last record",
    plant: () =>
      replace(
        RecordWriter.prototype,
        "append",
        (append) =>
          function overlaps(batch, from, end) {
            const error = append.call(this, batch, from, end);
            if (error === null && this.state.writeAt > 2_000) this.state.writeAt -= 1;
            return error;
          },
      ),
  },
  {
    name: "a restart skips the first record",
    plant: () =>
      replace(
        DiskQueue.prototype,
        "load",
        (load) =>
          function skips() {
            const isLoaded: boolean = load.call(this);
            if (!isLoaded || this.skipped === true || this.keeper.startedAt === 0) return isLoaded;
            this.skipped = true;
            this.take();
            return this.isReadable();
          },
      ),
  },
];
