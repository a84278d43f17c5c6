import type { Divergence } from "../../sim/compare.ts";
import type { HistoryEvent } from "../../sim/history.ts";

/** The first event in which two runs of one scenario differ, as two lines. */
export function describeDivergence(scenario: string, divergence: Divergence): string {
  return [
    `${scenario}: two runs of the same scenario differ, first at event ${divergence.row}:`,
    `  first run:  ${describeEvent(divergence.a)}`,
    `  second run: ${describeEvent(divergence.b)}`,
  ].join("\n");
}

function describeEvent(event: HistoryEvent | null): string {
  if (event === null) return "(ended before)";
  const { atUs, kind, process, peer, place, msg, text } = event;
  const message = msg >= 0 ? `message ${msg}` : "";
  const words = [
    process,
    peer && `with ${peer}`,
    place,
    message,
    text,
    `value ${event.value}`,
    `detail ${event.detail}`,
  ];
  return `${(atUs / 1e6).toFixed(6)} s ${kind} ${words.filter((word) => word !== "").join(", ")}`;
}
