import type { Random } from "../random.ts";
import type { Micros } from "../time.ts";
import type { ClientConfig } from "./config.ts";

/** What an answer says about the consumer's health: FIN resumes, REQ backs off, REQ without backoff continues. */
export type BackoffSignal = "resume" | "backoff" | "continue";

/** `wait`: RDY 0 everywhere for {@link Backoff.wait}. `leave`: back to normal. */
export type BackoffEffect = "none" | "wait" | "leave";

/** 2^53 µs is longer than any limit; beyond it a level adds nothing. */
const HIGHEST_LEVEL = 53;

/**
 * How much a consumer holds back (client semantics §3.7): a level that failures raise and successes lower, and a wait
 * during which answers are not counted. One per consumer.
 */
export class Backoff {
  /** 0: not in backoff. */
  level = 0;
  waiting = false;
  /** Length of the wait that the last signal began. */
  wait: Micros = 0;
  private readonly config: ClientConfig;
  private readonly random: Random;

  constructor(config: ClientConfig, random: Random) {
    this.config = config;
    this.random = random;
  }

  /** After `wait` the caller ends the wait with {@link expire}. */
  signal(signal: BackoffSignal): BackoffEffect {
    if (this.waiting || (this.level === 0 && signal !== "backoff")) return "none";
    if (signal === "resume") {
      this.level -= 1;
      if (this.level === 0) return "leave";
    } else if (signal === "backoff" && this.mayRise()) {
      this.level += 1;
    }
    if (this.level === 0) return "none";
    this.wait = Math.min(this.duration(this.level), this.config.maxBackoffDuration);
    this.waiting = true;
    return "wait";
  }

  /** The wait is over. */
  expire(): void {
    this.waiting = false;
  }

  private mayRise(): boolean {
    const { maxBackoffDuration } = this.config;
    if (maxBackoffDuration === 0 || this.level >= HIGHEST_LEVEL) return false;
    return this.duration(this.level + 1) <= maxBackoffDuration;
  }

  private duration(level: number): Micros {
    const full = this.config.backoffMultiplier * 2 ** level;
    if (this.config.backoffStrategy === "exponential") return full;
    return Math.floor(this.random.unit() * full);
  }
}
