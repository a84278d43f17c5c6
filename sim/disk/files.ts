import type { FileStore, HostError, StoredFile } from "../../core/host.ts";
import type { Random } from "../../core/random.ts";
import { noSuchFile } from "../../core/storage/memory-disk.ts";
import { MILLISECOND, type Micros } from "../../core/time.ts";
import type { Agenda } from "../clock.ts";
import type { Station } from "../network/station.ts";
import type { Streams } from "../streams.ts";
import { SimDisk } from "./disk.ts";
import { Inode } from "./inode.ts";
import { hasRecords, rotRecords } from "./rot.ts";
import { SimFile, type Sync } from "./stored-file.ts";
import type { Need, Trouble } from "./trouble.ts";

/** What is read at the start of a process is in the page cache. */
const READ_TIME: Micros = 0;
/** A temporary file, a sync, a rename. */
const REPLACE_TIME: Micros = 2 * MILLISECOND;
const SYNC_TIME: Micros = MILLISECOND;

const OPEN: readonly Need[] = ["open"];
const READ: readonly Need[] = ["open", "read"];
const WRITE: readonly Need[] = ["open", "write"];
const WRITE_AND_SYNC: readonly Need[] = ["open", "write", "sync"];
const SYNC: readonly Need[] = ["sync"];

type Incarnation = Station & { readonly alive: boolean };

/** The files of one machine. They outlive the process; a replacement that was not completed never happened. */
export class SimFiles {
  private readonly agenda: Agenda;
  private readonly streams: Streams;
  private readonly name: string;
  private readonly disk = new SimDisk();
  /** Times that the disk was replaced by an empty one. */
  wipes = 0;
  private stream: Random | null = null;
  private tell: (text: string) => void = () => {};

  constructor(agenda: Agenda, streams: Streams, name: string) {
    this.agenda = agenda;
    this.streams = streams;
    this.name = name;
  }

  /** Every file by its name, sorted, with what the next incarnation will find in it. Copies. */
  snapshot(): ReadonlyMap<string, Uint8Array> {
    const { directory } = this.disk;
    return new Map(directory.names().map((name) => [name, directory.find(name)!.copy()]));
  }

  /** Bytes of all files. */
  get used(): number {
    return this.disk.used();
  }

  /** What one incarnation of the process sees. */
  store(host: Incarnation): FileStore {
    this.disk.closeAll();
    return new SimFileStore(this.agenda, this.disk, host);
  }

  /** Told in words when an operation fails, and when a bit turns over. */
  set onTrouble(tell: (text: string) => void) {
    this.tell = tell;
    this.disk.troubles.failed = (operation, name, code) => tell(`${operation} ${name}: ${code}`);
  }

  /** From now on something is wrong with the disk. Returns what ends it. */
  trouble(trouble: Trouble): () => void {
    return this.disk.troubles.begin(trouble);
  }

  /** The machine has lost its power. `isTorn`: some of what was not durable has reached the disk all the same. */
  losePower(isTorn: boolean): void {
    this.disk.losePower(isTorn ? this.random : null);
  }

  /** Another disk, with nothing on it. */
  wipe(): void {
    this.wipes += 1;
    this.disk.wipe();
  }

  /** Whether there is a record that could be damaged. */
  get hasRecords(): boolean {
    return hasRecords(this.disk.directory);
  }

  /** Turns over so many bits of the data files of disk queues. */
  rot(bits: number): void {
    for (const { name, byte } of rotRecords(this.disk.directory, bits, this.random))
      this.tell(`rot ${name}: byte ${byte}`);
  }

  private get random(): Random {
    this.stream ??= this.streams(`${this.name}/disk`);
    return this.stream;
  }
}

class SimFileStore implements FileStore {
  private readonly agenda: Agenda;
  private readonly disk: SimDisk;
  private readonly host: Incarnation;
  /** By file: how often it was replaced or removed at once, so that slower replacements see that they were overtaken. */
  private readonly overtakings = new Map<string, number>();
  private readonly sync: Sync = (name, inode, done) => this.syncLater(name, inode, done);

  constructor(agenda: Agenda, disk: SimDisk, host: Incarnation) {
    this.agenda = agenda;
    this.disk = disk;
    this.host = host;
  }

  read(name: string, done: (result: HostError | Uint8Array | null) => void): void {
    const { disk } = this;
    this.later(READ_TIME, () => {
      const found = disk.troubles.refusal("read", name, READ) ?? disk.directory.find(name)?.copy() ?? null;
      this.tell(() => done(found));
    });
  }

  replace(name: string, bytes: Uint8Array, done: (error: HostError | null) => void): void {
    const { disk } = this;
    const copy = bytes.slice();
    const overtakings = this.overtakings.get(name);
    this.later(REPLACE_TIME, () => {
      // The rename is the program's own.
      if (!this.host.alive) return;
      let error: HostError | null = null;
      if (this.overtakings.get(name) === overtakings) error = disk.replace("replace", name, copy, WRITE_AND_SYNC);
      if (error === null) disk.directory.commit(disk.directory.changes);
      this.tell(() => done(error));
    });
  }

  replaceNow(name: string, bytes: Uint8Array): HostError | null {
    const error = this.disk.replace("replace", name, bytes, WRITE);
    if (error === null) this.overtake(name);
    return error;
  }

  list(): HostError | readonly string[] {
    return this.disk.troubles.refusal("list", ".", OPEN) ?? this.disk.directory.names();
  }

  open(name: string, create: boolean): HostError | StoredFile {
    const { disk } = this;
    const refusal = disk.troubles.refusal("open", name, OPEN);
    if (refusal !== null) return refusal;
    let inode = disk.directory.find(name);
    if (inode === null) {
      if (!create) return noSuchFile(name);
      inode = new Inode();
      disk.directory.set(name, inode);
    }
    return new SimFile(disk, name, inode, this.sync);
  }

  rename(from: string, to: string): HostError | null {
    const { directory } = this.disk;
    if (directory.find(from) === null) return noSuchFile(from);
    directory.rename(from, to);
    return null;
  }

  remove(name: string): null {
    const { directory } = this.disk;
    this.overtake(name);
    if (directory.find(name) !== null) directory.set(name, null);
    return null;
  }

  private syncLater(name: string, inode: Inode, done: (error: HostError | null) => void): void {
    const { disk } = this;
    const point = inode.syncPoint();
    const { changes } = disk.directory;
    this.later(SYNC_TIME, () => {
      const error = disk.troubles.refusal("sync", name, SYNC);
      if (error === null) {
        inode.synced(point);
        disk.directory.commit(changes);
      }
      this.tell(() => done(error));
    });
  }

  private overtake(name: string): void {
    this.overtakings.set(name, (this.overtakings.get(name) ?? 0) + 1);
  }

  /** The kernel goes on without the process, but not without power. */
  private later(time: Micros, act: () => void): void {
    const { agenda, disk } = this;
    const { outages } = disk;
    disk.busyUntil = Math.max(disk.busyUntil, agenda.now);
    if (time > 0) disk.busyUntil += Math.round(time * disk.troubles.slowness());
    agenda.add(disk.busyUntil, {
      due: () => {
        if (disk.outages === outages) act();
      },
    });
  }

  private tell(run: () => void): void {
    if (this.host.alive) this.host.take({ run });
  }
}
