import type { FaultAction } from "../scenario/types.ts";

/**
 * The faults that are drawn, by family, the gentlest first: shrinking tends to it. A scenario draws some families, and of
 * each what it likes: the ends of processes would be rare among so many kinds of links if all were alike. What is named
 * twice is drawn twice as often.
 */
const FAMILIES = [
  [
    "latency",
    "bandwidth",
    "stall",
    "reset",
    "refuse-connect",
    "hang-connect",
    "partition",
    "cut",
    "cut-after",
    "half-open",
  ],
  ["pause", "block", "slow"],
  ["stop", "kill", "kill"],
  ["clock-step", "clock-drift"],
  ["disk-slow", "no-descriptors", "disk-full", "disk-error", "bit-rot"],
  ["lookup-slow", "lookup-stale", "lookup-empty", "lookup-fail", "unresolvable"],
] as const satisfies readonly (readonly FaultAction["kind"][])[];

export type FaultKind = (typeof FAMILIES)[number][number];

export const FAULT_KINDS: readonly FaultKind[] = [...new Set(FAMILIES.flat())];

/** The families of some kinds. */
export function familiesOf(kinds: readonly FaultKind[]): (readonly FaultKind[])[] {
  return FAMILIES.map((family) => family.filter((kind) => kinds.includes(kind))).filter(({ length }) => length > 0);
}
