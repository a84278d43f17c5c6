import type { Evidence, Oracle, Verdict } from "../result.ts";
import { PROPERTY_IDS, type PropertyId } from "../scenario/types.ts";
import { judgeP1 } from "./p01-no-invention.ts";
import { judgeP2 } from "./p02-no-loss.ts";
import { judgeP3 } from "./p03-bounded-loss.ts";
import { judgeP4 } from "./p04-no-redelivery-after-fin.ts";
import { judgeP5 } from "./p05-single-owner.ts";
import { judgeP6 } from "./p06-not-before.ts";
import { judgeP7 } from "./p07-not-after.ts";
import { judgeP8 } from "./p08-attempts.ts";
import { judgeP9 } from "./p09-rdy.ts";
import { judgeP10 } from "./p10-fan-out.ts";
import { judgeP11 } from "./p11-load-share.ts";
import { judgeP12 } from "./p12-order-per-key.ts";
import { judgeP13 } from "./p13-effect-once.ts";
import { judgeP14 } from "./p14-effect-halves.ts";
import { judgeP15 } from "./p15-dlq-complete.ts";
import { judgeP16 } from "./p16-depth.ts";
import { judgeP17 } from "./p17-liveness.ts";
import { judgeP18 } from "./p18-discovery.ts";
import { judgeP21 } from "./p21-determinism.ts";

/** Every property nsqlab judges, each with its oracle. */
export const ORACLES: Readonly<Record<PropertyId, Oracle>> = {
  P1: judgeP1,
  P2: judgeP2,
  P3: judgeP3,
  P4: judgeP4,
  P5: judgeP5,
  P6: judgeP6,
  P7: judgeP7,
  P8: judgeP8,
  P9: judgeP9,
  P10: judgeP10,
  P11: judgeP11,
  P12: judgeP12,
  P13: judgeP13,
  P14: judgeP14,
  P15: judgeP15,
  P16: judgeP16,
  P17: judgeP17,
  P18: judgeP18,
  P21: judgeP21,
};

/**
 * Judges the properties that the scenario names (default: all), in the order of {@link PROPERTY_IDS}. Never throws: an
 * oracle that does is a failed verdict that carries its stack.
 */
export function judge(evidence: Evidence): Verdict[] {
  const wanted = evidence.scenario.oracles ?? PROPERTY_IDS;
  const verdicts: Verdict[] = [];
  for (const property of PROPERTY_IDS) {
    if (wanted.includes(property)) verdicts.push(judgeOne(property, ORACLES[property], evidence));
  }
  return verdicts;
}

function judgeOne(property: PropertyId, oracle: Oracle, evidence: Evidence): Verdict {
  try {
    return oracle(evidence);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const violations = [{ text, msg: -1, rows: [] }];
    return { property, outcome: "fail", summary: "the oracle itself failed", looked: 0, violations, violationCount: 1 };
  }
}
