import type { FileStore, HostError, StoredFile } from "../../core/host.ts";
import { MemoryDisk, MemoryFile, noSuchFile } from "../../core/storage/memory-disk.ts";
import { MILLISECOND, type Micros } from "../../core/time.ts";
import type { Agenda } from "../clock.ts";
import type { Station } from "../network/station.ts";

/** What is read at the start of a process is in the page cache. */
const READ_TIME: Micros = 0;
/** A temporary file, a sync, a rename. */
const REPLACE_TIME: Micros = 2 * MILLISECOND;
const SYNC_TIME: Micros = MILLISECOND;

/** The files of one machine. They outlive the process; a replacement that was not completed never happened. */
export class SimFiles {
  private readonly agenda: Agenda;
  private readonly disk = new MemoryDisk();

  constructor(agenda: Agenda) {
    this.agenda = agenda;
  }

  /** Every file by its name, sorted, with what the next incarnation will find in it. Copies. */
  snapshot(): ReadonlyMap<string, Uint8Array> {
    return new Map(this.disk.names().map((name) => [name, this.disk.find(name)!.copy()]));
  }

  /** What one incarnation of the process sees. */
  store(host: Station & { readonly alive: boolean }): FileStore {
    return new SimFileStore(this.agenda, this.disk, host);
  }
}

class SimFileStore implements FileStore {
  private readonly agenda: Agenda;
  private readonly disk: MemoryDisk;
  private readonly host: Station & { readonly alive: boolean };
  /** A disk serves one slow request at a time: completions keep the order of the calls. */
  private busyUntil: Micros = 0;
  /** By file: how often it was replaced or removed at once, so that slower replacements see that they were overtaken. */
  private readonly overtakings = new Map<string, number>();
  private readonly sync: StoredFile["sync"] = (done) => this.later(SYNC_TIME, () => () => done(null));

  constructor(agenda: Agenda, disk: MemoryDisk, host: Station & { readonly alive: boolean }) {
    this.agenda = agenda;
    this.disk = disk;
    this.host = host;
  }

  read(name: string, done: (result: HostError | Uint8Array | null) => void): void {
    this.later(READ_TIME, () => {
      const found = this.disk.find(name)?.copy() ?? null;
      return () => done(found);
    });
  }

  replace(name: string, bytes: Uint8Array, done: (error: HostError | null) => void): void {
    const copy = bytes.slice();
    const overtakings = this.overtakings.get(name);
    this.later(REPLACE_TIME, () => {
      if (this.overtakings.get(name) === overtakings) this.disk.replace(name, copy);
      return () => done(null);
    });
  }

  replaceNow(name: string, bytes: Uint8Array): null {
    this.overtake(name);
    this.disk.replace(name, bytes);
    return null;
  }

  list(): readonly string[] {
    return this.disk.names();
  }

  open(name: string, create: boolean): HostError | StoredFile {
    const content = create ? this.disk.make(name) : this.disk.find(name);
    return content === null ? noSuchFile(name) : new MemoryFile(content, this.sync);
  }

  rename(from: string, to: string): HostError | null {
    return this.disk.rename(from, to);
  }

  remove(name: string): null {
    this.overtake(name);
    this.disk.remove(name);
    return null;
  }

  private overtake(name: string): void {
    this.overtakings.set(name, (this.overtakings.get(name) ?? 0) + 1);
  }

  private later(time: Micros, act: () => () => void): void {
    this.busyUntil = Math.max(this.busyUntil, this.agenda.now) + time;
    this.agenda.add(this.busyUntil, {
      due: () => {
        if (this.host.alive) this.host.take({ run: act() });
      },
    });
  }
}
