import type { RestartSpec } from "../scenario/fault-action.ts";
import type { FaultAction } from "../scenario/types.ts";

/** What a field of an action adds to its description; "" for nothing. Fields not listed are not told. */
const WORDS: readonly (readonly [field: string, words: (value: never) => string])[] = [
  ["direction", (direction: string) => (direction === "both" ? "" : direction)],
  ["bytes", (bytes: number) => `${bytes} bytes`],
  ["bytesPerSecond", (bytes: number) => `of ${bytes} bytes/s`],
  ["command", (command: string) => command],
  ["nth", (nth: number) => `number ${nth}`],
  ["passes", (passes: boolean) => (passes ? "has passed" : "")],
  ["on", (operation: string) => `on ${operation}`],
  ["factor", (factor: number) => `${factor} times`],
  ["freeBytes", (bytes: number) => `but for ${bytes} bytes`],
  ["bits", (bits: number) => (bits === 1 ? "of 1 bit" : `of ${bits} bits`)],
  ["forMs", (ms: number) => `for ${ms} ms`],
  ["restartAfterMs", (ms: number) => `restart after ${ms} ms`],
  ["restartWith", tellRestart],
  ["graceMs", (ms: number) => `within ${ms} ms`],
  ["powerLoss", (dark: boolean) => (dark ? "by loss of power" : "")],
  ["delayMs", (ms: number) => `by ${ms} ms`],
  ["ppm", (ppm: number) => `by ${ppm} ppm`],
  ["byMs", (ms: number) => `by ${ms} ms`],
];

/** A fault in a few words, without its target. */
export function describeFault(action: FaultAction): string {
  const words: string[] = [action.kind];
  for (const [field, tell] of WORDS) {
    const value = (action as unknown as Readonly<Record<string, unknown>>)[field];
    if (value === undefined) continue;
    const told = tell(value as never);
    if (told !== "") words.push(told);
  }
  return words.join(" ");
}

function tellRestart({ options = {}, emptyDisk = false }: RestartSpec): string {
  const changes = Object.entries(options).map(([flag, value]) => `${flag}=${value}`);
  if (emptyDisk) changes.unshift("an empty disk");
  return changes.length === 0 ? "" : `with ${changes.join(", ")}`;
}
