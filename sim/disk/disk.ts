import type { HostError } from "../../core/host.ts";
import type { Random } from "../../core/random.ts";
import type { Micros } from "../../core/time.ts";
import { Directory } from "./directory.ts";
import { durableInode, type Inode } from "./inode.ts";
import { type Need, Troubles } from "./trouble.ts";

/**
 * The disk of one machine, as ext4 keeps it with its defaults, and no less careful:
 *
 * - What is written is in the page cache: a kill of the process keeps it, a loss of power drops it.
 * - A sync of a file makes its bytes durable as they were when it began, and with them all names as they were then: the
 *   journal of the directory is written in order. Nothing is written back without a sync.
 * - A file that is replaced is durable before its name leads to it: afterwards there is the old one or the new one,
 *   never half of one. Replacing at once leaves the journal for a later sync; replacing durably ends with one.
 * - A file whose name is durable before its bytes are is there, and empty.
 * - A sync that failed may be tried again; if that works, nothing is missing.
 */
export class SimDisk {
  readonly directory = new Directory();
  readonly troubles = new Troubles();
  /** Files that programs have open, by how many; a file without a name takes room as long as it is open. */
  private readonly open = new Map<Inode, number>();
  /** A disk serves one slow request at a time: completions keep the order of the calls. */
  busyUntil: Micros = 0;
  /** Times the power failed: what was under way then did not happen. */
  outages = 0;

  /** Makes the name lead to a new file with these bytes, in the page cache as far as the name goes. */
  replace(operation: string, name: string, bytes: Uint8Array, needs: readonly Need[]): HostError | null {
    const { troubles } = this;
    const refusal = troubles.refusal(operation, name, needs);
    if (refusal !== null) return refusal;
    // The old file is there until the new one is complete.
    if (this.room(bytes.length) < bytes.length) return troubles.overflow(operation, name);
    this.directory.set(name, durableInode(bytes));
    return null;
  }

  /** As many of `wanted` bytes more as find room. */
  room(wanted: number): number {
    return this.troubles.room(wanted, () => this.used());
  }

  /** Bytes of all files. */
  used(): number {
    const { directory, open } = this;
    const all = new Set(open.keys());
    for (const name of directory.names()) all.add(directory.find(name)!);
    let sum = 0;
    for (const inode of all) sum += inode.length;
    return sum;
  }

  opened(inode: Inode): void {
    this.open.set(inode, (this.open.get(inode) ?? 0) + 1);
  }

  closed(inode: Inode): void {
    const left = this.open.get(inode)! - 1;
    if (left === 0) this.open.delete(inode);
    else this.open.set(inode, left);
  }

  /** The process is gone: nothing is open. */
  closeAll(): void {
    this.open.clear();
  }

  /** What is not durable is gone; `torn`: not quite, see {@link Inode.losePower}. */
  losePower(torn: Random | null): void {
    this.outages += 1;
    this.busyUntil = 0;
    this.directory.losePower(torn);
    const { directory } = this;
    for (const name of directory.names()) directory.find(name)!.losePower(torn);
  }

  /** Another disk, with nothing on it. */
  wipe(): void {
    const { directory } = this;
    for (const name of directory.names()) directory.set(name, null);
    directory.commit(directory.changes);
  }
}
