import { SECOND, type Micros } from "../../core/time.ts";

/** A topic younger than this may not be in nsqd.dat yet when its nsqd is killed. */
const PERSISTED_AFTER: Micros = 5 * SECOND;

interface Period {
  readonly from: Micros;
  to: Micros;
}

/** Which nsqd certainly had which topic, and since when: by what clients were answered. Ephemeral topics come and go unseen. */
export class Holdings {
  private readonly periods = new Map<number, Map<string, Period[]>>();
  /** Until then a deletion may still have been under way, by nsqd and topic. */
  private readonly deleted = new Map<string, Micros>();

  /** `nsqd` showed that it has the topic at `at`, in answer to what it was asked at `asked`. False: a deletion came between. */
  shown(nsqd: number, topic: string, asked: Micros, at: Micros): boolean {
    if (asked <= (this.deleted.get(`${nsqd} ${topic}`) ?? -1)) return false;
    const periods = this.periodsOf(nsqd, topic);
    if ((periods.at(-1)?.to ?? 0) < Infinity) periods.push({ from: at, to: Infinity });
    return true;
  }

  /** An operator deletes it: `until` Infinity while that is not answered. */
  deleting(nsqd: number, topic: string, at: Micros, until: Micros): void {
    this.deleted.set(`${nsqd} ${topic}`, until);
    endAt(this.periodsOf(nsqd, topic), at);
  }

  /** nsqd was killed: what was not in nsqd.dat is gone. `isLost`: nsqd.dat may be gone too. */
  killed(nsqd: number, at: Micros, isLost: boolean): void {
    for (const periods of this.periods.get(nsqd)?.values() ?? []) {
      const last = periods.at(-1);
      if (last !== undefined && (isLost || at - last.from < PERSISTED_AFTER)) endAt(periods, at);
    }
  }

  /** Since when the nsqd has had the topic all the time until `at`; Infinity: it may not have. */
  since(nsqd: number, topic: string, at: Micros): Micros {
    const periods = this.periods.get(nsqd)?.get(topic) ?? [];
    return periods.find(({ from, to }) => from <= at && to > at)?.from ?? Infinity;
  }

  private periodsOf(nsqd: number, topic: string): Period[] {
    let topics = this.periods.get(nsqd);
    if (topics === undefined) this.periods.set(nsqd, (topics = new Map()));
    let periods = topics.get(topic);
    if (periods === undefined) topics.set(topic, (periods = []));
    return periods;
  }
}

function endAt(periods: readonly Period[], at: Micros): void {
  const last = periods.at(-1);
  if (last !== undefined) last.to = Math.min(last.to, at);
}
