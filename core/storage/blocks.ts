/** Bytes read at a time: a read costs as much as copying so many. */
const BLOCK_SIZE = 64 * 1024;

/** Read buffers, shared by the queues of one broker: a queue needs one only while it is being read. */
export class BlockPool {
  private readonly free: Uint8Array[] = [];
  private readonly limit: number;

  /** Keeps at most `limit` blocks that nobody uses. */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** A block of at least `size` bytes. */
  take(size: number): Uint8Array {
    if (size > BLOCK_SIZE) return new Uint8Array(size);
    return this.free.pop() ?? new Uint8Array(BLOCK_SIZE);
  }

  give(block: Uint8Array): void {
    if (block.length === BLOCK_SIZE && this.free.length < this.limit) this.free.push(block);
  }
}
