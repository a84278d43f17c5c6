import { DEFAULT_OPTIONS, type NsqdOptions } from "../../core/nsqd/options.ts";
import type { Micros } from "../../core/time.ts";
import type { Flags, NsqdTerms } from "./terms.ts";

/** The options of one nsqd: a restart may change some. */
export class OptionsOverTime {
  private readonly terms: NsqdTerms | undefined;
  private latest: NsqdOptions;
  private changes: Flags = {};
  /** Those before, newest last, with the instant at which they ended. */
  private readonly former: { readonly until: Micros; readonly options: NsqdOptions }[] = [];

  /** @param terms undefined for an nsqd that the scenario does not have */
  constructor(terms: NsqdTerms | undefined) {
    this.terms = terms;
    this.latest = terms?.options ?? DEFAULT_OPTIONS;
  }

  change(changes: Flags, at: Micros): void {
    if (this.terms === undefined) return;
    this.former.push({ until: at, options: this.latest });
    this.changes = { ...this.changes, ...changes };
    this.latest = this.terms.changed(this.changes);
  }

  /** The smallest room in memory that there was so far: what was beyond it is beyond it still, on the disk. */
  get memQueueSize(): number {
    return this.former.reduce((least, { options }) => Math.min(least, options.memQueueSize), this.latest.memQueueSize);
  }

  at(instant: Micros): NsqdOptions {
    const { former } = this;
    if (former.length === 0) return this.latest;
    return former.find(({ until }) => instant < until)?.options ?? this.latest;
  }
}
