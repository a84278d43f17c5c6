import type { Message } from "../../core/client/message.ts";
import { parseBefore, parseBusinessId } from "./body.ts";

/**
 * Whose turn it is among the messages of each key, by what one process remembers: one at a time, each after the one that
 * its body names. What a restart forgets begins anew with whatever comes first; what never comes blocks its key for ever.
 */
export class Turns {
  private readonly keys: number;
  /** By key: business id of the message done last. */
  private readonly latest = new Map<number, number>();
  /** Keys with a message under way. */
  private readonly busy = new Set<number>();

  constructor(keys: number) {
    this.keys = keys;
  }

  /** `now`: it is under way until {@link end}. `early`: another has to be done before. `known`: it was done, or a later one. */
  begin(message: Message): "now" | "early" | "known" {
    const business = parseBusinessId(message.body);
    const key = business % this.keys;
    if (this.busy.has(key)) return "early";
    const latest = this.latest.get(key);
    if (latest !== undefined && business <= latest) return "known";
    if (latest !== undefined && parseBefore(message.body) !== latest) return "early";
    this.busy.add(key);
    return "now";
  }

  end(message: Message, isDone: boolean): void {
    const business = parseBusinessId(message.body);
    const key = business % this.keys;
    this.busy.delete(key);
    if (isDone) this.latest.set(key, business);
  }
}
