import { HostError, type StoredFile } from "../host.ts";

const FIRST_CAPACITY = 1024;

/** The content of one file in memory, however it is named, and by however many it is held open. */
export class MemoryContent {
  private bytes = new Uint8Array(0);
  length = 0;

  read(into: Uint8Array, position: number): number {
    const end = Math.min(position + into.length, this.length);
    if (end <= position) return 0;
    into.set(this.bytes.subarray(position, end));
    return end - position;
  }

  /** A gap before `position` is filled with zeros. */
  write(bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    if (end > this.bytes.length) this.grow(end);
    this.bytes.set(bytes, position);
    this.length = Math.max(this.length, end);
  }

  truncate(size: number): void {
    if (size >= this.length) return;
    this.bytes.fill(0, size, this.length);
    this.length = size;
  }

  copy(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  private grow(needed: number): void {
    const bytes = new Uint8Array(Math.max(needed, this.bytes.length * 2, FIRST_CAPACITY));
    bytes.set(this.bytes.subarray(0, this.length));
    this.bytes = bytes;
  }
}

/**
 * A directory in memory: the part of {@link FileStore} that happens at once. What takes time is the host's business.
 */
export class MemoryDisk {
  private readonly contents = new Map<string, MemoryContent>();

  find(name: string): MemoryContent | null {
    return this.contents.get(name) ?? null;
  }

  /** The file of that name, made when it is missing. */
  make(name: string): MemoryContent {
    let content = this.contents.get(name);
    if (content === undefined) {
      content = new MemoryContent();
      this.contents.set(name, content);
    }
    return content;
  }

  /** The name stands for a new file with these bytes. Whoever has the old one open keeps it. */
  replace(name: string, bytes: Uint8Array): void {
    const content = new MemoryContent();
    content.write(bytes, 0);
    this.contents.set(name, content);
  }

  rename(from: string, to: string): HostError | null {
    const content = this.contents.get(from);
    if (content === undefined) return noSuchFile(from);
    this.contents.delete(from);
    this.contents.set(to, content);
    return null;
  }

  remove(name: string): void {
    this.contents.delete(name);
  }

  names(): string[] {
    return [...this.contents.keys()].sort();
  }
}

/** The error for a name that no file has. */
export function noSuchFile(name: string): HostError {
  return new HostError("ENOENT", `ENOENT: no such file or directory, open '${name}'`);
}

/** An open file of a {@link MemoryDisk}. `sync` is what the host makes of it. */
export class MemoryFile implements StoredFile {
  private readonly content: MemoryContent;
  readonly sync: StoredFile["sync"];

  constructor(content: MemoryContent, sync: StoredFile["sync"]) {
    this.content = content;
    this.sync = sync;
  }

  size(): number {
    return this.content.length;
  }

  read(into: Uint8Array, position: number): number {
    return this.content.read(into, position);
  }

  write(bytes: Uint8Array, position: number): null {
    this.content.write(bytes, position);
    return null;
  }

  truncate(size: number): null {
    this.content.truncate(size);
    return null;
  }

  close(): void {}
}
