import type { Evidence, Verdict } from "../result.ts";
import { Findings } from "./findings.ts";

/**
 * P21, determinism: the same scenario gives the same history, byte for byte, at every run and on every machine.
 *
 * Sees: the hash of this history and the hash of another run's ({@link Evidence.secondHash}).
 * Licences: none.
 * Blind: which event differs first (compare the histories for that); over TCP it does not hold and is not judged.
 */
export function judgeP21(evidence: Evidence): Verdict {
  const findings = new Findings();
  if (evidence.world === "sim" && evidence.secondHash !== undefined) {
    findings.looked = 1;
    const hash = evidence.history.hash();
    if (hash !== evidence.secondHash) {
      findings.violation(-1, [], () => `one run of the scenario gives ${hash}, another ${evidence.secondHash}`);
    }
  }
  const nothing = evidence.world === "tcp" ? "real time does not repeat itself" : "only one run was made";
  return findings.verdict("P21", "the histories of two runs were compared by hash", nothing);
}
