import { type EventKind, KIND } from "../history.ts";
import type { Lives } from "./lives.ts";
import type { Place } from "./places.ts";
import type { ConsumerTerms } from "./terms.ts";
import { seconds } from "./words.ts";

/**
 * `half-open`: the consumer believes in a connection that is dead. `not-found`: it asks nsqlookupds, and none names the
 * nsqd. `no-connection`: it knows where the nsqd is.
 */
export interface Unconnected {
  readonly reason: "half-open" | "not-found" | "no-connection";
  readonly text: string;
}

/** Why consumers of a channel have no connection to its nsqd when the history ends: what each of them saw last. */
export function whyUnconnected(lives: Lives, place: Place, consumers: readonly ConsumerTerms[]): Unconnected {
  const all = consumers.map((one) => whyOne(lives, place, one));
  const isHalfOpen = all.some(({ reason }) => reason === "half-open");
  const isLost = all.every(({ reason }) => reason === "not-found");
  const reason = isHalfOpen ? "half-open" : isLost ? "not-found" : "no-connection";
  return { reason, text: all.map(({ text }) => text).join("; ") };
}

function whyOne(lives: Lives, place: Place, { spec }: ConsumerTerms): Unconnected {
  const { history, connections } = lives;
  const { nsqd } = place.topic;
  const whom = history.strings[nsqd]!;
  const dead = connections.find((one) => one.isBelieved && one.nsqd === nsqd && one.clientLife.name === spec.name);
  if (dead !== undefined) {
    const text = `${spec.name} believes in a connection to ${whom} that was broken at ${seconds(dead.endAt)}`;
    return { reason: "half-open", text };
  }
  const process = history.strings.indexOf(spec.name);
  const failed = lastRow(lives, process, nsqd, ["close", "connect-failed"]);
  const lookup = spec.nsqd.includes(whom) ? -1 : lastRow(lives, process, -1, ["lookup"]);
  if (lookup >= 0 && !named(lives, lookup).includes(whom)) {
    const text = `${spec.name} has not found ${whom}: ${tellLookup(lives, lookup)}`;
    return { reason: "not-found", text };
  }
  const last = failed < 0 ? "" : ` (${history.strings[history.note[failed]!]!} at ${seconds(history.at[failed]!)})`;
  return { reason: "no-connection", text: `${spec.name} has no connection to ${whom}${last}` };
}

function named({ history }: Lives, row: number): string[] {
  return history.value[row]! > 0 ? history.strings[history.note[row]!]!.split(" ") : [];
}

/** `nsqlookupd1 names nobody at 5.000 s`. */
function tellLookup(lives: Lives, row: number): string {
  const { history } = lives;
  const lookupd = history.strings[history.peer[row]!]!;
  const names = named(lives, row);
  const when = seconds(history.at[row]!);
  if (history.value[row]! < 0) return `${lookupd} did not answer at ${when}, ${history.strings[history.note[row]!]!}`;
  return `${lookupd} names ${names.length === 0 ? "nobody" : names.join(" and ")} at ${when}`;
}

/** The last row of a process of one of these kinds, -1: there is none. `peer` -1: whoever it was about. */
function lastRow({ history, rows }: Lives, process: number, peer: number, kinds: readonly EventKind[]): number {
  const wanted = kinds.map((kind) => KIND[kind]);
  for (let row = rows - 1; row >= 0; row -= 1) {
    if (history.process[row] !== process || !wanted.includes(history.kind[row]!)) continue;
    if (peer < 0 || history.peer[row] === peer) return row;
  }
  return -1;
}
