import { assert } from "../../core/assert.ts";
import type { Random } from "../../core/random.ts";
import { MemoryContent } from "../../core/storage/memory-disk.ts";

/** What a disk writes whole or not at all. */
const SECTOR = 512;

/** The content of a file at one moment: what a sync that begins then makes durable. */
export interface SyncPoint {
  readonly length: number;
  /** Changes ever made to bytes that were there already. */
  readonly changes: number;
}

/** Bytes that were overwritten or cut off. */
interface Change {
  readonly at: number;
  readonly before: Uint8Array;
  /** Of the file, before the change. */
  readonly length: number;
}

/**
 * The content of a file: what programs see, and what a loss of power would leave of it.
 *
 * Files are appended to: of that only lengths are kept. Only what overwrites or cuts off bytes that are durable, or are
 * being made so, keeps those until the next sync.
 */
export class Inode {
  private readonly content = new MemoryContent();
  /** What the power leaves: all bytes before here, and the {@link changes} undone. */
  private durable = 0;
  /** No sync that ended or is under way reaches further. */
  private reach = 0;
  /** Not durable yet, oldest first. */
  private readonly changes: Change[] = [];
  private forgotten = 0;

  get length(): number {
    return this.content.length;
  }

  read(into: Uint8Array, position: number): number {
    return this.content.read(into, position);
  }

  copy(): Uint8Array {
    return this.content.copy();
  }

  write(bytes: Uint8Array, position: number): void {
    this.keep(position, position + bytes.length);
    this.content.write(bytes, position);
  }

  truncate(size: number): void {
    this.keep(size, this.length);
    this.content.truncate(size);
  }

  /** A sync begins. */
  syncPoint(): SyncPoint {
    this.reach = Math.max(this.reach, this.length);
    return { length: this.length, changes: this.forgotten + this.changes.length };
  }

  /** The sync that began there has ended well. Syncs end in the order in which they began. */
  synced({ length, changes }: SyncPoint): void {
    assert(changes >= this.forgotten, "syncs of a file end in their order");
    this.changes.splice(0, changes - this.forgotten);
    this.forgotten = changes;
    this.durable = length;
  }

  /**
   * The power fails. `torn` null: what is not durable is gone. Else some of it has reached the disk: a prefix of the
   * changes and of the bytes behind, of whose last sector not even that is certain.
   */
  losePower(torn: Random | null): void {
    const { changes, content } = this;
    const kept = torn === null ? 0 : torn.integer(0, changes.length);
    for (let index = changes.length - 1; index >= kept; index -= 1) {
      const { at, before, length } = changes[index]!;
      content.write(before, at);
      content.truncate(length);
    }
    const base = Math.min(this.durable, content.length);
    const end = torn === null ? base : torn.integer(base, content.length);
    content.truncate(end);
    if (torn !== null && end > base) this.tear(torn, Math.max(base, end - 1 - ((end - 1) % SECTOR)));
    this.forgotten += changes.length;
    changes.length = 0;
    this.durable = end;
    this.reach = end;
  }

  /** A bit of the medium turns over. */
  flip(byte: number, bit: number): void {
    const one = new Uint8Array(1);
    this.content.read(one, byte);
    one[0]! ^= 1 << bit;
    this.content.write(one, byte);
  }

  /** Every second time the last sector is whole; else it is all zeros, or rubbish. */
  private tear(torn: Random, from: number): void {
    const fate = torn.integer(0, 3);
    if (fate > 1) return;
    const sector = new Uint8Array(this.length - from);
    if (fate === 1) for (let at = 0; at < sector.length; at += 1) sector[at] = torn.integer(0, 255);
    this.content.write(sector, from);
  }

  /** Bytes from `from` to `to` are about to change. */
  private keep(from: number, to: number): void {
    const end = Math.min(to, this.length, this.reach);
    if (from >= end) return;
    const before = new Uint8Array(end - from);
    this.content.read(before, from);
    this.changes.push({ at: from, before, length: this.length });
  }
}

/** A file that came into being durable: written and synced before its name was made to lead there. */
export function durableInode(bytes: Uint8Array): Inode {
  const inode = new Inode();
  inode.write(bytes, 0);
  inode.synced(inode.syncPoint());
  return inode;
}
