import { KIND } from "../history.ts";
import type { Evidence, Ledger } from "../result.ts";

/** Accounts for every message of the run. */
export function buildLedger(evidence: Evidence): Ledger {
  const { history } = evidence;
  const counts = new Float64Array(Object.keys(KIND).length);
  for (let row = 0; row < history.length; row += 1) counts[history.kind[row]!]! += 1;
  return {
    published: counts[KIND.publish]!,
    accepted: counts[KIND["publish-ok"]]!,
    failed: counts[KIND["publish-error"]]!,
    unknown: counts[KIND["publish-unknown"]]!,
    delivered: counts[KIND.deliver]!,
    finished: counts[KIND.finish]!,
    duplicates: [],
    losses: [],
    late: [],
  };
}
