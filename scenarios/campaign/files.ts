import { isRecord } from "../../sim/scenario/shape.ts";
import { mergeTallies, type Tally } from "../../sim/campaign/tally.ts";
import { SIZES } from "../../sim/generate/limits.ts";
import { InputError } from "../commands/command.ts";
import { readJsonFile } from "../commands/select.ts";

/**
 * The tallies of result files, put together.
 *
 * @throws InputError for a file that holds none, and for files that have a seed in common
 */
export function mergeFiles(paths: readonly string[]): Tally {
  const merged = mergeTallies(paths.map(readTally));
  if (merged === null)
    throw new InputError(`${paths.join(", ")}: some seeds are in more than one of them, or their sizes differ`);
  return merged;
}

const NUMBERS = ["seeds", "unknown", "delivered", "faultsFired", "virtualUs"] as const;

function readTally(path: string): Tally {
  const content = readJsonFile(path);
  const tally = isRecord(content) ? content["campaign"] : undefined;
  if (!isRecord(tally)) throw new InputError(`${path}: expected what \`nsqlab campaign --out\` writes`);
  const wrong = NUMBERS.find((name) => typeof tally[name] !== "number");
  if (wrong !== undefined) throw new InputError(`${path}: campaign.${wrong}: expected a number`);
  if (typeof tally["size"] !== "string" || !Object.hasOwn(SIZES, tally["size"]))
    throw new InputError(`${path}: campaign.size: expected one of ${Object.keys(SIZES).join(", ")}`);
  const { covered, failing, marks, fingerprint } = tally;
  if (!Array.isArray(covered) || !Array.isArray(failing) || !isRecord(marks) || typeof fingerprint !== "string")
    throw new InputError(`${path}: campaign: expected covered, failing, marks and fingerprint`);
  return tally as unknown as Tally;
}
