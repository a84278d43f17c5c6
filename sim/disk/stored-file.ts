import type { HostError, StoredFile } from "../../core/host.ts";
import type { SimDisk } from "./disk.ts";
import type { Inode } from "./inode.ts";

const READ = ["read"] as const;
const WRITE = ["write"] as const;

/** Makes the bytes of a file durable, some time later. */
export type Sync = (name: string, inode: Inode, done: (error: HostError | null) => void) => void;

/** An open file of a {@link SimDisk}. */
export class SimFile implements StoredFile {
  private readonly disk: SimDisk;
  /** As it was opened: for messages. */
  private readonly name: string;
  private readonly inode: Inode;
  private readonly syncLater: Sync;

  constructor(disk: SimDisk, name: string, inode: Inode, syncLater: Sync) {
    this.disk = disk;
    this.name = name;
    this.inode = inode;
    this.syncLater = syncLater;
    disk.opened(inode);
  }

  size(): number {
    return this.inode.length;
  }

  read(into: Uint8Array, position: number): HostError | number {
    return this.disk.troubles.refusal("read", this.name, READ) ?? this.inode.read(into, position);
  }

  /** On a full disk as many bytes are written as find room. */
  write(bytes: Uint8Array, position: number): HostError | null {
    const { disk, inode, name } = this;
    const refusal = disk.troubles.refusal("write", name, WRITE);
    if (refusal !== null) return refusal;
    const growth = Math.max(0, position + bytes.length - inode.length);
    const room = growth === 0 ? 0 : disk.room(growth);
    const isWhole = room === growth;
    inode.write(isWhole ? bytes : bytes.subarray(0, bytes.length - growth + room), position);
    return isWhole ? null : disk.troubles.overflow("write", name);
  }

  truncate(size: number): HostError | null {
    const refusal = this.disk.troubles.refusal("truncate", this.name, WRITE);
    if (refusal === null) this.inode.truncate(size);
    return refusal;
  }

  sync(done: (error: HostError | null) => void): void {
    this.syncLater(this.name, this.inode, done);
  }

  close(): void {
    this.disk.closed(this.inode);
  }
}
