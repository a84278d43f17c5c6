import { type Host, HostError } from "../host.ts";
import { LENGTH_BYTES } from "./batch.ts";
import type { DiskQueuePolicy } from "./policy.ts";
import type { ReadFailure, RecordReader } from "./reader.ts";
import { dataFile, emptyState, parseState, type QueueState, stateFile } from "./state.ts";

/** Where a queue goes on when it is opened (diskqueue §11). */
export interface Recovered {
  readonly state: QueueState;
  /** There was a state file, and it leads to the file that the writer goes on in. */
  readonly isKnown: boolean;
  /** Data files that the process before may not have synced. */
  readonly unsynced: readonly number[];
}

/** Where a queue begins that can neither read its state nor see its files. */
const UNSEEN_FILE = 500_000;
/** So many data files are synced again after a crash: more than one process leaves behind. */
const MOST_UNSYNCED = 64;

/** Reads the state of a queue; what its data files say against it is settled by the policy. */
export function recover(host: Host, queue: string, policy: DiskQueuePolicy, reader: RecordReader): Recovered {
  const saved = readWhole(host, stateFile(queue));
  if (saved === null) return { state: emptyState(), isKnown: false, unsynced: [] };
  const state = saved instanceof HostError ? null : parseState(saved);
  if (state === null || (policy.guardsState && isBackwards(state))) {
    const reason = saved instanceof HostError ? saved.message : "unexpected content";
    host.log("error", `DISKQUEUE(${queue}) failed to retrieveMetaData - ${reason}`);
    if (!policy.guardsState) return { state: emptyState(), isKnown: true, unsynced: [] };
    const found = stateOfFiles(host, queue, reader);
    return { state: found, isKnown: false, unsynced: latestFiles(found) };
  }
  // A crash between the sync and the removal of a file that was read.
  for (let file = state.readFile - 1; file >= 0 && sizeOf(host, dataFile(queue, file)) > 0; file -= 1) {
    host.files.remove(dataFile(queue, file));
  }
  const isMoved = settleTail(host, queue, policy, reader, state);
  // It ended between two syncs, or just after it had gone on to a file that is not there yet.
  const isUnsynced = policy.guardsState && (isMoved || state.writeAt === 0);
  return { state, isKnown: !isMoved, unsynced: isUnsynced ? latestFiles(state) : [] };
}

/** The files before the writer's, but no more than a sync can take. */
function latestFiles({ readFile, writeFile }: QueueState): number[] {
  const numbers: number[] = [];
  for (let file = Math.max(readFile, writeFile - MOST_UNSYNCED); file < writeFile; file += 1) numbers.push(file);
  return numbers;
}

/** The reader is ahead of the writer: what is written from here on would be passed over. */
function isBackwards({ readFile, readAt, writeFile, writeAt }: QueueState): boolean {
  return readFile > writeFile || (readFile === writeFile && readAt > writeAt);
}

/** The state file is of no use: everything that is there is to be read, and nothing of it written over. */
function stateOfFiles(host: Host, queue: string, reader: RecordReader): QueueState {
  const state = emptyState();
  const names = host.files.list();
  if (names instanceof HostError) {
    host.log("error", `DISKQUEUE(${queue}) its files are left alone - ${names.message}`);
    return { ...state, readFile: UNSEEN_FILE, writeFile: UNSEEN_FILE };
  }
  const numbers = names
    .filter((name) => name.startsWith(`${queue}.diskqueue.`))
    .map((name) => Number(/\.diskqueue\.(\d{6,})\.dat$/.exec(name)?.[1] ?? -1))
    .filter((number) => number >= 0)
    .sort((a, b) => a - b);
  if (numbers.length === 0) return state;
  state.readFile = numbers[0]!;
  for (const number of numbers) {
    state.writeFile = number;
    countTail(host, queue, reader, state);
  }
  state.writeFile += 1;
  return state;
}

/**
 * A crash may have left more in the write file than the state knows of, or, with the power, less. The reader will find
 * what there is; the writer goes on in the next file, which is answered with true.
 */
function settleTail(
  host: Host,
  queue: string,
  policy: DiskQueuePolicy,
  reader: RecordReader,
  state: QueueState,
): boolean {
  const name = dataFile(queue, state.writeFile);
  const size = sizeOf(host, name);
  if (size === state.writeAt || (size < state.writeAt && !policy.guardsState)) return false;
  host.log("warn", `DISKQUEUE(${queue}) ${name} has ${size} bytes, not ${state.writeAt}: skipping to new file`);
  if (size > state.writeAt && policy.guardsState) countTail(host, queue, reader, state);
  state.writeFile += 1;
  state.writeAt = 0;
  return true;
}

/** Counts the whole records beyond the known position, and cuts off a last one that is torn. */
function countTail(host: Host, queue: string, reader: RecordReader, state: QueueState): void {
  if (reader.open(state.writeFile) !== null) return;
  const { size } = reader;
  let failure: ReadFailure | null = null;
  let at = state.writeAt;
  let count = 0;
  while (at < size) {
    failure = reader.load(at, size);
    if (failure !== null) break;
    at += LENGTH_BYTES + reader.length;
    count += 1;
  }
  reader.close();
  state.depth += count;
  host.log("info", `DISKQUEUE(${queue}) found ${count} more messages in ${size - state.writeAt} bytes`);
  if (failure?.kind !== "short") return;
  host.log("warn", `DISKQUEUE(${queue}) cutting off ${size - at} bytes that are no whole message`);
  const file = host.files.open(dataFile(queue, state.writeFile), false);
  if (file instanceof HostError) return;
  file.truncate(at);
  file.close();
}

function readWhole(host: Host, name: string): HostError | Uint8Array | null {
  const file = host.files.open(name, false);
  if (file instanceof HostError) return file.code === "ENOENT" ? null : file;
  const size = file.size();
  const bytes = new Uint8Array(size instanceof HostError ? 0 : size);
  const got = size instanceof HostError ? size : file.read(bytes, 0);
  file.close();
  return got instanceof HostError ? got : bytes.subarray(0, got);
}

/** Bytes of a file; 0: there is none, or none that can be looked at. */
function sizeOf(host: Host, name: string): number {
  const file = host.files.open(name, false);
  if (file instanceof HostError) return 0;
  const size = file.size();
  file.close();
  return size instanceof HostError ? 0 : size;
}
