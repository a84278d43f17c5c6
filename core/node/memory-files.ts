import type { FileStore, HostError } from "../host.ts";

/** A {@link FileStore} that lives as long as the process: for servers that are to leave nothing behind. */
export class MemoryFiles implements FileStore {
  private readonly contents = new Map<string, Uint8Array>();

  read(name: string, done: (result: HostError | Uint8Array | null) => void): void {
    const content = this.contents.get(name) ?? null;
    setImmediate(() => done(content));
  }

  replace(name: string, bytes: Uint8Array, done: (error: HostError | null) => void): void {
    this.contents.set(name, bytes.slice());
    setImmediate(() => done(null));
  }
}
