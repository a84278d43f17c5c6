/**
 * Where a durable topic's messages go when its memory queue is full (nsqd-semantics §1.3). Ephemeral topics and
 * channels have none: what does not fit is dropped.
 */
export interface BackendQueue {
  /** Messages held. */
  readonly depth: number;
  /** Why `count` more messages cannot be taken, all of them; null: they can. */
  refusal(count: number): string | null;
}

/** No disk: whatever does not fit into memory is refused, and the publisher is told. Nothing is lost in silence. */
export class NoBackend implements BackendQueue {
  readonly depth = 0;
  private readonly memQueueSize: number;

  constructor(memQueueSize: number) {
    this.memQueueSize = memQueueSize;
  }

  refusal(count: number): string {
    const unit = count === 1 ? "message does" : "messages do";
    return `memory queue is full: ${count} ${unit} not fit (mem-queue-size ${this.memQueueSize}, no disk queue)`;
  }
}
