import type { Run } from "../../sim/result.ts";
import { type Capsule, isCapsule } from "../../sim/shrink/capsule.ts";
import { type Failure, failuresOf } from "../../sim/shrink/failure.ts";
import { checkCapsule } from "./capsules.ts";
import { InputError } from "./command.ts";
import { readJsonFile } from "./select.ts";

/**
 * Which failure of a run is meant: the gravest failure, or the one for which a capsule was made.
 *
 * @throws InputError when there is none, or none that a smaller scenario could show
 */
export function failureToKeep(run: Run, word: string): Failure {
  const failures = failuresOf(run);
  const [first] = failures;
  if (first === undefined)
    throw new InputError(`${word} does not fail: there is nothing to explain or to make smaller`);
  const kept = failures.find(({ id }) => id === capsuleOf(word)?.failure);
  const failure = kept ?? first;
  if (failure.id.endsWith(" fewer"))
    throw new InputError(
      `${word}: ${failure.text}: fewer than expected is no failure that a smaller scenario explains`,
    );
  return failure;
}

/** Why the capsule that a word on the command line means exists; null when it is no capsule. */
export function reasonOf(word: string): string | null {
  return capsuleOf(word)?.reason ?? null;
}

function capsuleOf(word: string): Capsule | null {
  const content = /[/\\]|\.json$/.test(word) ? readJsonFile(word) : null;
  return isCapsule(content) ? checkCapsule(content, word) : null;
}
