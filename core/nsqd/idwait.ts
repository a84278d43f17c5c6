import { MILLISECOND, SECOND, type Micros } from "../time.ts";
import type { Environment } from "./environment.ts";
import { UNIT_NANOSECONDS, type IdGenerator } from "./guid.ts";

const SHORTEST: Micros = MILLISECOND;
/** The clock may have been set right meanwhile. */
const LONGEST: Micros = SECOND;

/**
 * Who waits for an id of a topic while its wall clock stands before the last one, or that unit's ids are used up.
 *
 * nsqd 1.3 sleeps a millisecond and tries again, for ever: whoever publishes to the topic hangs until the clock has
 * caught up (nsqd-semantics §9). Here one timer serves all of them, for as long as that takes.
 */
export class IdWait {
  private readonly environment: Environment;
  private readonly ids: IdGenerator;
  private waiting: (() => void)[] = [];

  constructor(environment: Environment, ids: IdGenerator) {
    this.environment = environment;
    this.ids = ids;
  }

  /** False: an id would run ahead of the clock. */
  get isOver(): boolean {
    const { environment, ids } = this;
    if (!environment.policies.waitsForIds) return true;
    environment.time.set(environment.host.wallNow());
    return !ids.isAhead(environment.time.unit);
  }

  /** Calls `then` once, when {@link isOver}. */
  whenOver(then: () => void): void {
    this.waiting.push(then);
    if (this.waiting.length === 1) this.plan();
  }

  /** Nobody has to wait any longer. */
  end(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const then of waiting) then();
  }

  private plan(): void {
    const { environment, ids } = this;
    const { host, time } = environment;
    const behind = Math.ceil(((ids.latestUnit - time.unit) * UNIT_NANOSECONDS) / 1_000);
    host.timer(host.now() + Math.min(LONGEST, Math.max(SHORTEST, behind)), () => {
      if (this.isOver) this.end();
      else this.plan();
    });
  }
}
