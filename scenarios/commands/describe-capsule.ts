import type { Scenario } from "../../sim/scenario/types.ts";
import type { Capsule } from "../../sim/shrink/capsule.ts";

/** How large a scenario is: `2000 messages, 10 faults, 2 nsqds, 2 producers, 3 consumers`. */
export function describeSize(scenario: Scenario): string {
  const { nsqd, producers, consumers, faults = [], operations = [] } = scenario;
  const messages = producers.flatMap((one) => one.workload).reduce((sum, { count }) => sum + count, 0);
  const parts: readonly (readonly [number, string])[] = [
    [messages, "message"],
    [faults.length, "fault"],
    [operations.length, "operation"],
    [nsqd.length, "nsqd"],
    [producers.length, "producer"],
    [consumers.length, "consumer"],
  ];
  return parts
    .filter(([number, what]) => number > 0 || what === "fault")
    .map(([number, what]) => `${number} ${what}${number === 1 ? "" : "s"}`)
    .join(", ");
}

/** The story of a failure, and the faults that it needs. */
export function describeStory({ story, decisive, scenario }: Pick<Capsule, "story" | "decisive" | "scenario">): string {
  return [...story.map((line) => `  ${line}`), "", `  ${describeDecisive(decisive, scenario)}`].join("\n");
}

/** Which single faults a failure needs, in a sentence. */
export function describeDecisive(decisive: readonly number[], { faults = [] }: Scenario): string {
  if (faults.length === 0) return "no fault is needed for this";
  if (decisive.length === 0) return `no single one of the ${faults.length} faults decides: each may be left out`;
  const named = decisive.map((index) => {
    const { do: action } = faults[index]!;
    return `faults[${index}] (${action.kind} of ${"link" in action ? action.link.join(" and ") : action.process})`;
  });
  return `without ${named.join(", or without ")} it does not happen`;
}
