import type { Result } from "./measure.ts";

export function heading(withPeer: boolean): string {
  const peer = withPeer ? `${"peer".padStart(12)} ${"ratio".padStart(7)}` : "";
  return `${"benchmark".padEnd(18)}${"median".padStart(12)} ${"unit".padEnd(12)}${"spread".padStart(7)} ${"goal".padStart(13)}  ${peer}`;
}

/** One line for one measure. */
export function line(result: Result): string {
  const name = `${result.benchmark} ${result.measure}`.padEnd(18);
  const goal = `${result.better === "more" ? "≥" : "≤"} ${figure(result.goal)}`.padStart(13);
  const peer =
    result.peer === null || result.ratio === null
      ? ""
      : `${figure(result.peer.median).padStart(12)} ${`${result.ratio.toFixed(2)}×`.padStart(7)}`;
  const spread = `${result.ours.spreadPercent.toFixed(0)} %`.padStart(7);
  const verdict = result.met ? "met " : "MISS";
  return `${name}${figure(result.ours.median).padStart(12)} ${result.unit.padEnd(12)}${spread} ${goal} ${verdict} ${peer}`;
}

/** 1234567 → "1 234 567", 1.234 → "1.23". */
function figure(value: number): string {
  if (Math.abs(value) < 100) return value.toFixed(2);
  return String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, " ");
}
