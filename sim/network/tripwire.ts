/** A command or a frame that ends among some bytes. */
export interface Unit {
  readonly name: string;
  /** Where among them it begins, or 0 when it began before. */
  readonly start: number;
  readonly end: number;
}

/** Says where the connections of a lane are cut. */
export interface Tripwire {
  /** These bytes leave on a connection, and these units end in them. How many of them pass before it is cut; -1: it is not. */
  cutAt(bytes: Uint8Array, units: readonly Unit[]): number;
  /** A connection is about to be cut there. */
  readonly cuts: () => void;
}

/** Cuts the connection that sends the last of so many bytes. */
export class ByteTripwire implements Tripwire {
  readonly cuts: () => void;
  private left: number;

  constructor(bytes: number, cuts: () => void) {
    this.left = bytes;
    this.cuts = cuts;
  }

  cutAt(bytes: Uint8Array): number {
    if (this.left <= bytes.length) return this.left;
    this.left -= bytes.length;
    return -1;
  }
}

/** Cuts the connection that sends the n-th unit of a kind: in front of it or, `passes`, behind it. */
export class UnitTripwire implements Tripwire {
  readonly cuts: () => void;
  private readonly name: string;
  private readonly passes: boolean;
  private left: number;

  constructor(name: string, nth: number, passes: boolean, cuts: () => void) {
    this.name = name;
    this.left = nth;
    this.passes = passes;
    this.cuts = cuts;
  }

  cutAt(_bytes: Uint8Array, units: readonly Unit[]): number {
    for (const { name, start, end } of units) {
      if (name !== this.name) continue;
      this.left -= 1;
      if (this.left === 0) return this.passes ? end : start;
    }
    return -1;
  }
}
