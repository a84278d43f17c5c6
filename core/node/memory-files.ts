import type { FileStore, HostError, StoredFile } from "../host.ts";
import { MemoryDisk, MemoryFile, noSuchFile } from "../storage/memory-disk.ts";

/** A {@link FileStore} that lives as long as the process: for servers that are to leave nothing behind. */
export class MemoryFiles implements FileStore {
  private readonly disk = new MemoryDisk();
  private readonly later: (complete: () => void) => void;

  /** @param later brings completions */
  constructor(later: (complete: () => void) => void = (complete) => void setImmediate(complete)) {
    this.later = later;
  }

  read(name: string, done: (result: HostError | Uint8Array | null) => void): void {
    const content = this.disk.find(name)?.copy() ?? null;
    this.later(() => done(content));
  }

  replace(name: string, bytes: Uint8Array, done: (error: HostError | null) => void): void {
    this.disk.replace(name, bytes);
    this.later(() => done(null));
  }

  replaceNow(name: string, bytes: Uint8Array): null {
    this.disk.replace(name, bytes);
    return null;
  }

  list(): readonly string[] {
    return this.disk.names();
  }

  open(name: string, create: boolean): HostError | StoredFile {
    const content = create ? this.disk.make(name) : this.disk.find(name);
    return content === null ? noSuchFile(name) : new MemoryFile(content, (done) => this.later(() => done(null)));
  }

  rename(from: string, to: string): HostError | null {
    return this.disk.rename(from, to);
  }

  remove(name: string): null {
    this.disk.remove(name);
    return null;
  }
}
