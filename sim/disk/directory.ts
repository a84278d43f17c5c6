import { assert } from "../../core/assert.ts";
import type { Random } from "../../core/random.ts";
import type { Inode } from "./inode.ts";

interface Change {
  readonly name: string;
  readonly before: Inode | null;
  /** A rename is two changes in one: this one is done only together with the next. */
  readonly isJoined: boolean;
}

/**
 * The names of a disk. Changes are journaled in their order, as ext4 does: when one is durable, so are those before it.
 */
export class Directory {
  private readonly inodes = new Map<string, Inode>();
  /** Not durable yet, oldest first. */
  private readonly journal: Change[] = [];
  private committed = 0;

  /** Changes ever made: what a sync that begins now makes durable. */
  get changes(): number {
    return this.committed + this.journal.length;
  }

  find(name: string): Inode | null {
    return this.inodes.get(name) ?? null;
  }

  names(): string[] {
    return [...this.inodes.keys()].sort();
  }

  /** The name leads there from now on; null: it is gone. */
  set(name: string, inode: Inode | null): void {
    this.change(name, inode, false);
  }

  rename(from: string, to: string): void {
    const inode = this.find(from);
    assert(inode !== null, "what is renamed is there");
    if (from === to) return;
    this.change(from, null, true);
    this.change(to, inode, false);
  }

  /** The first so many changes ever made are durable. */
  commit(changes: number): void {
    if (changes <= this.committed) return;
    this.journal.splice(0, changes - this.committed);
    this.committed = changes;
  }

  /** The power fails. `torn`: some of the changes had become durable all the same. */
  losePower(torn: Random | null): void {
    const { journal } = this;
    let kept = torn === null ? 0 : torn.integer(0, journal.length);
    if (kept > 0 && journal[kept - 1]!.isJoined) kept -= 1;
    for (let index = journal.length - 1; index >= kept; index -= 1)
      this.put(journal[index]!.name, journal[index]!.before);
    this.committed += journal.length;
    journal.length = 0;
  }

  private change(name: string, inode: Inode | null, isJoined: boolean): void {
    this.journal.push({ name, before: this.find(name), isJoined });
    this.put(name, inode);
  }

  private put(name: string, inode: Inode | null): void {
    if (inode === null) this.inodes.delete(name);
    else this.inodes.set(name, inode);
  }
}
