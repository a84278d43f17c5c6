import type { CrashPoints, CrashWitness, EffectFinding } from "./crash-points.ts";

/** The findings in plain words: how often each effect can happen, and the story that shows it. */
export function describeCrashPoints({ steps, effects, stories, complete }: CrashPoints): string {
  const tried = `${stories.length} stories${complete ? "" : " (there are more orders of two deliveries than were tried)"}`;
  const lines = [`${steps.length} steps (${steps.join(", ")}), ${tried}`];
  if (effects.length === 0) lines.push("  no effect was recorded: the world says effect(name) when something happens");
  for (const finding of effects) lines.push("", ...describeEffect(finding));
  return lines.join("\n");
}

function describeEffect({ effect, fewest, most, twice, never }: EffectFinding): string[] {
  const often = fewest === most ? times(most) : `${fewest} to ${times(most)}`;
  const verdict = [...(twice === null ? [] : ["TWICE"]), ...(never === null ? [] : ["NEVER"])].join(" or ");
  return [
    `  ${effect}: ${often}${verdict === "" ? "" : `; it can happen ${verdict}`}`,
    ...describeWitness("twice", twice),
    ...describeWitness("never", never),
  ];
}

function describeWitness(what: string, witness: CrashWitness | null): string[] {
  return witness === null ? [] : [`    ${what}: ${witness.story.text}`, `      ${witness.story.trace.join(" → ")}`];
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
