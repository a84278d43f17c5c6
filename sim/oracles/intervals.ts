import { assert } from "../../core/assert.ts";
import type { Micros } from "../../core/time.ts";

/** Spans of time, noted in order; overlapping ones become one. */
export class Intervals {
  private readonly begins: Micros[] = [];
  private readonly ends: Micros[] = [];
  /** Spans that have begun and not ended. */
  open = 0;

  /** Something begins; spans nest. */
  begin(at: Micros): void {
    this.open += 1;
    if (this.open > 1) return;
    const last = this.ends.length - 1;
    if (last >= 0 && this.ends[last]! >= at) {
      this.ends[last] = Infinity;
      return;
    }
    this.begins.push(at);
    this.ends.push(Infinity);
  }

  /** One of them ends; its effect lasts for `tail` more. Ends without a beginning are ignored. */
  end(at: Micros, tail: Micros = 0): void {
    if (this.open === 0) return;
    assert(this.ends[this.ends.length - 1] === Infinity, "an open span is the last one");
    this.open -= 1;
    if (this.open === 0) this.ends[this.ends.length - 1] = at + tail;
  }

  /** True when some span shares an instant with [from, to]. */
  overlaps(from: Micros, to: Micros): boolean {
    return this.lastEnd(from, to) !== -1;
  }

  /** Begin of the span that an instant lies in; -1: in none. */
  beganBefore(at: Micros): Micros {
    for (let index = this.begins.length - 1; index >= 0; index -= 1)
      if (this.begins[index]! <= at) return this.ends[index]! >= at ? this.begins[index]! : -1;
    return -1;
  }

  /** End of the last span that shares an instant with [from, to], Infinity while it lasts; -1: there is none. */
  lastEnd(from: Micros, to: Micros): Micros {
    for (let index = this.begins.length - 1; index >= 0; index -= 1) {
      if (this.ends[index]! < from) return -1;
      if (this.begins[index]! <= to) return this.ends[index]!;
    }
    return -1;
  }
}
