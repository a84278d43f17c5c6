import { Draw } from "./draw.ts";

/** Inputs of one run, over all targets. */
const INPUTS = Number(process.env["FUZZ_INPUTS"] ?? 8000);
/** Everything is drawn from it. */
const SEED = process.env["FUZZ_SEED"] ?? "1";
/** Plays one round alone, to look at a failure. */
const ONLY_ROUND = process.env["FUZZ_ROUND"];

/** Long runs are deliberate: time enough for 100 inputs a second. */
export const FUZZ_TIMEOUT_MS = Math.max(60_000, INPUTS * 10);

/** Inputs that share one world. */
export const ROUND = 100;

/**
 * Plays rounds of {@link ROUND} inputs, each in a world of its own, until a target has had its share of the inputs.
 * An error names the round, which can then be played alone.
 *
 * @param share of all inputs, 0 to 1
 */
export async function fuzz(target: string, share: number, round: (draw: Draw) => void | Promise<void>): Promise<void> {
  const rounds = Math.max(1, Math.round((INPUTS * share) / ROUND));
  for (let number = 0; number < rounds; number += 1) {
    if (ONLY_ROUND !== undefined && Number(ONLY_ROUND) !== number) continue;
    try {
      await round(new Draw(`${SEED}/${target}/${number}`));
    } catch (cause) {
      const again = `FUZZ_INPUTS=${INPUTS} FUZZ_SEED=${SEED} FUZZ_ROUND=${number}`;
      throw new Error(`${target}: ${(cause as Error).message}\n${again} plays it again`, { cause });
    }
  }
}
