import { type EventKind, EVENT_KINDS } from "../history.ts";
import type { Run } from "../result.ts";
import { watchBroker } from "./broker.ts";
import { watchClients } from "./clients.ts";
import { watchFaults } from "./faults.ts";
import { watchFlow } from "./flow.ts";
import { MARK_NAMES, type Mark } from "./marks.ts";
import { watchMessages } from "./messages.ts";

/** Puts a mark; again is no harm. */
export type Reach = (mark: Mark) => void;

/** What looks at the rows of some kinds, in their order. */
export type Watchers = Partial<Readonly<Record<EventKind, (row: number) => void>>>;

const isMark = (name: string): name is Mark => (MARK_NAMES as readonly string[]).includes(name);

/** The marks that a run reached, in the order of {@link MARK_NAMES}: one pass over its history, and its ledger. */
export function marksOf(run: Run): Mark[] {
  const reached = new Set<Mark>();
  const reach: Reach = (mark) => void reached.add(mark);
  const watchers = [watchFaults, watchMessages, watchClients, watchFlow, watchBroker].map((watch) => watch(run, reach));
  const byKind = EVENT_KINDS.map((kind) => watchers.flatMap((one) => one[kind] ?? []));
  const { history, ledger } = run;
  for (let row = 0; row < history.length; row += 1) for (const watch of byKind[history.kind[row]!]!) watch(row);
  for (const { licence } of ledger.duplicates) if (licence !== null) reach(`duplicate-${licence}`);
  for (const { licence } of ledger.losses) {
    const mark = `loss-${licence}`;
    if (isMark(mark)) reach(mark);
  }
  for (const { licence } of ledger.late) if (licence !== null) reach(`late-${licence}`);
  return MARK_NAMES.filter((mark) => reached.has(mark));
}
