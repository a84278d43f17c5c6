/** What a message that was published may still be. */
const FIRST_CAPACITY = 1 << 16;
const NOBODY = -1;

/**
 * The account of every message by its number, from 0 on without gaps. A second delivery needs a reason: the connection
 * that had the message, or that sent its FIN, was lost.
 */
export class Books {
  accepted = 0;
  received = 0;
  /** Deliveries of messages that had been delivered before. */
  repeated = 0;
  /** Messages that are finished at least once. */
  finished = 0;
  readonly faults: string[] = [];
  /** The connection that received, or finished, a message last. */
  private receivers = new Int32Array(FIRST_CAPACITY).fill(NOBODY);
  private finishers = new Int32Array(FIRST_CAPACITY).fill(NOBODY);
  private readonly lost = new Set<number>();

  receive(number: number, attempts: number, connection: number): void {
    this.reserve(number);
    this.received += 1;
    const receiver = this.receivers[number]!;
    const finisher = this.finishers[number]!;
    if (receiver !== NOBODY) this.repeated += 1;
    if (finisher !== NOBODY && !this.lost.has(finisher)) this.fault(`${number} comes again after its FIN`);
    else if (receiver !== NOBODY && !this.lost.has(receiver)) this.fault(`${number} is with two consumers`);
    else if (receiver !== NOBODY && attempts < 2) this.fault(`${number} comes again as if it were the first time`);
    else if (receiver === NOBODY && attempts > 1 && this.lost.size === 0) {
      this.fault(`${number} comes the first time with ${attempts} attempts`);
    }
    this.receivers[number] = connection;
  }

  finish(number: number, connection: number): void {
    if (this.finishers[number] === NOBODY) this.finished += 1;
    this.finishers[number] = connection;
  }

  /** A connection is gone, with the messages it had and perhaps with its last FINs. */
  lose(connection: number): void {
    this.lost.add(connection);
  }

  /** Accepted messages that never came. Numbers are accepted in their order. */
  missing(): number {
    let missing = 0;
    for (let number = 0; number < this.accepted; number += 1) if (this.finishers[number] === NOBODY) missing += 1;
    return missing;
  }

  private fault(what: string): void {
    if (this.faults.length < 10) this.faults.push(what);
  }

  private reserve(number: number): void {
    if (number < this.receivers.length) return;
    this.receivers = grown(this.receivers, number);
    this.finishers = grown(this.finishers, number);
  }
}

function grown(array: Int32Array, number: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(array.length * 2, number + 1)).fill(NOBODY);
  larger.set(array);
  return larger;
}
