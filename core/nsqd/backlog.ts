import type { Timer } from "../host.ts";
import { ID_AT } from "../protocol/frame.ts";
import { PairRing } from "../queue/ring.ts";
import type { Handle, Slab } from "../queue/slab.ts";
import { SECOND } from "../time.ts";
import { Backend, RECORD_ID_AT } from "./backend.ts";
import type { Environment } from "./environment.ts";
import { frameLength } from "./message.ts";

/** Bytes on their way to disk that are not kept waiting for the end of the step. */
const WRITE_AT = 256 * 1024;
/** What could not be written is tried again after this. */
const RETRY_AFTER = SECOND;

export interface BacklogOwner {
  /** There may be something to take that was not there before. */
  refilled(): void;
  /** The disk has refused a message, and it is given up. */
  lost(handle: Handle, attempts: number, cause: string): void;
}

/**
 * What waits in a topic or channel: a queue in memory, and what does not fit there on disk (nsqd-semantics §1.3, §1.4).
 * Each message in memory carries a number: for a topic its delay, for a channel the attempts so far. The disk keeps
 * attempts only, so a delay does not survive it.
 *
 * Messages spilled in one step are written together at its end, before any answer of that step leaves. If the disk
 * refuses them, they are held in memory and tried again, and the backlog has no more {@link room}; or they are lost, as
 * in nsqd 1.3: a matter of the policies.
 */
export class Backlog {
  /** With the message that was taken last: its number, and whether it comes from disk (then: its attempts). */
  takenNumber = 0;
  takenFromDisk = false;
  private readonly environment: Environment;
  private readonly slab: Slab;
  private readonly owner: BacklogOwner;
  private readonly memory = new PairRing();
  private readonly capacity: number;
  private readonly disk: Backend | null;
  /** Messages on their way to disk, and their attempts; those before {@link heldFrom} have been taken. */
  private readonly held: Handle[] = [];
  private readonly heldAttempts: number[] = [];
  private heldFrom = 0;
  private heldBytes = 0;
  private isScheduled = false;
  /** The disk has refused what is held. */
  private isFailing = false;
  private retry: Timer | null = null;
  private isClosed = false;

  /** @param diskName of the disk queue; null: there is none, as for what is ephemeral */
  constructor(environment: Environment, slab: Slab, diskName: string | null, owner: BacklogOwner) {
    this.environment = environment;
    this.slab = slab;
    this.owner = owner;
    this.capacity = environment.options.memQueueSize;
    this.disk = diskName === null ? null : new Backend(environment, diskName, slab, () => owner.refilled());
  }

  get depth(): number {
    return this.memory.length + this.diskDepth;
  }

  get diskDepth(): number {
    return this.disk === null ? 0 : this.disk.depth + this.held.length - this.heldFrom;
  }

  /** How many more messages the queue in memory takes. */
  get memoryRoom(): number {
    return Math.max(0, this.capacity - this.memory.length);
  }

  /** How many more messages the whole takes. */
  get room(): number {
    return this.disk === null || this.isFailing ? this.memoryRoom : Infinity;
  }

  hasNext(): boolean {
    if (this.memory.length > 0) return true;
    return this.disk !== null && (this.disk.isReadable() || (this.isFailing && this.heldFrom < this.held.length));
  }

  /** Takes the next message out: see {@link takenNumber}. */
  take(): Handle {
    const { memory, disk } = this;
    if (disk !== null && disk.isReadable() && (memory.length === 0 || !this.isMemoryNext(disk))) {
      const handle = disk.take();
      this.takenNumber = disk.takenAttempts;
      this.takenFromDisk = true;
      return handle;
    }
    if (memory.length === 0) return this.takeHeld();
    const handle = memory.peekFirst();
    this.takenNumber = memory.peekSecond();
    this.takenFromDisk = false;
    memory.shift();
    return handle;
  }

  /** Into memory, room or not. */
  push(handle: Handle, number: number): void {
    this.memory.push(handle, number);
  }

  /** To disk, at the end of the step at the latest. */
  spill(handle: Handle, attempts: number): void {
    this.held.push(handle);
    this.heldAttempts.push(attempts);
    this.heldBytes += frameLength(this.slab.page(handle), this.slab.offset(handle));
    if (!this.isScheduled) {
      this.isScheduled = true;
      this.environment.writeLater(this);
    }
    if (this.heldBytes >= WRITE_AT && !this.isFailing) this.write();
  }

  /**
   * To disk, now: all the messages from the one numbered `from` on. Returns null, or why not; then some may be there all
   * the same. The caller keeps its hold of them.
   */
  store(handles: readonly Handle[], from: number): string | null {
    const { disk } = this;
    if (disk === null) return "no disk";
    disk.write(handles, null, from, handles.length);
    const { failure } = disk;
    if (failure !== null) this.environment.host.log("error", `failed to write message to backend - ${failure.message}`);
    return failure === null ? null : failure.message;
  }

  /** The end of a step in which something was spilled. */
  endOfStep(): void {
    this.isScheduled = false;
    if (this.isClosed) return;
    if (!this.isFailing) this.write();
    this.owner.refilled();
  }

  /** Drops everything. `visit` gets the messages in memory. */
  empty(visit: (handle: Handle, number: number) => void): void {
    const { memory } = this;
    while (memory.length > 0) {
      const handle = memory.peekFirst();
      const number = memory.peekSecond();
      memory.shift();
      visit(handle, number);
    }
    for (; this.heldFrom < this.held.length; this.heldFrom += 1) {
      visit(this.held[this.heldFrom]!, this.heldAttempts[this.heldFrom]!);
    }
    this.forgetHeld();
    this.recovered();
    this.disk?.empty();
  }

  /** The end, after {@link empty}: no files are left. */
  delete(): void {
    this.end();
    this.disk?.delete();
  }

  /** The end on a clean exit: everything goes to disk, if there is one. `done` is called when it is there. */
  close(numbersAreAttempts: boolean, done: () => void): void {
    const { memory, disk } = this;
    if (disk === null) {
      this.end();
      return done();
    }
    while (memory.length > 0) {
      this.spill(memory.peekFirst(), numbersAreAttempts ? memory.peekSecond() : 0);
      memory.shift();
    }
    this.write();
    const lost = this.held.length - this.heldFrom;
    if (lost > 0) this.environment.host.log("error", `${lost} messages could not be saved`);
    this.end();
    disk.close(done);
  }

  private end(): void {
    this.isClosed = true;
    this.retry?.cancel();
  }

  private isMemoryNext(disk: Backend): boolean {
    const { slab, memory } = this;
    const handle = memory.peekFirst();
    const { bytes, at } = disk.head;
    return this.environment.policies.isMemoryNext(
      slab.page(handle),
      slab.offset(handle) + ID_AT,
      bytes,
      at + RECORD_ID_AT,
    );
  }

  private takeHeld(): Handle {
    const handle = this.held[this.heldFrom]!;
    this.takenNumber = this.heldAttempts[this.heldFrom]!;
    this.takenFromDisk = true;
    this.heldFrom += 1;
    return handle;
  }

  /** Writes what is held. */
  private write(): void {
    const { held, heldFrom, slab } = this;
    const disk = this.disk!;
    if (heldFrom === held.length) return this.recovered();
    const written = disk.write(held, this.heldAttempts, heldFrom, held.length);
    for (let index = heldFrom; index < heldFrom + written; index += 1) slab.release(held[index]!);
    this.heldFrom += written;
    if (this.heldFrom < held.length) return this.refused();
    this.forgetHeld();
    return this.recovered();
  }

  private refused(): void {
    const { environment, held } = this;
    const cause = `disk: ${this.disk!.failure!.code}`;
    const left = held.length - this.heldFrom;
    if (!environment.policies.holdsUnwritten) {
      environment.host.log("error", `failed to write ${left} messages to backend - ${this.disk!.failure!.message}`);
      for (let index = this.heldFrom; index < held.length; index += 1) {
        this.owner.lost(held[index]!, this.heldAttempts[index]!, cause);
      }
      return this.forgetHeld();
    }
    if (!this.isFailing) {
      const reason = this.disk!.failure!.message;
      environment.host.log("error", `failed to write ${left} messages to backend, holding them - ${reason}`);
    }
    this.isFailing = true;
    this.retry ??= environment.host.timer(environment.host.now() + RETRY_AFTER, () => this.tryAgain());
    return undefined;
  }

  private tryAgain(): void {
    this.retry = null;
    if (this.isClosed) return;
    this.write();
    this.owner.refilled();
  }

  private recovered(): void {
    if (this.isFailing) this.environment.host.log("info", "messages can be written to the backend again");
    this.isFailing = false;
    this.retry?.cancel();
    this.retry = null;
  }

  private forgetHeld(): void {
    this.held.length = 0;
    this.heldAttempts.length = 0;
    this.heldFrom = 0;
    this.heldBytes = 0;
  }
}
