/**
 * A mistake that somebody could make, as a change of one source file. It is planted into a copy of the sources, in memory;
 * the tests and `nsqlab kill-matrix` see who notices.
 */
export interface PlantedBug {
  /** What goes wrong, in kebab case. */
  readonly name: string;
  /** Path of the source file, from the root of the sources. */
  readonly file: string;
  readonly edits: readonly Edit[];
  /** How one comes to make it; with the issue where somebody did. */
  readonly why: string;
  /** The scenario, by name, that is made to show it. */
  readonly scenario: string;
  /** What fails there, by `Failure.id`: all of these, and perhaps more. */
  readonly caught: readonly string[];
}

/** A passage of the source, which must occur exactly once, and what stands there instead. */
export interface Edit {
  readonly find: string;
  readonly replace: string;
}

/** The source is not what the bug was written for. */
export class PatchError extends Error {
  override readonly name = "PatchError";
}

/**
 * The source with the bug in it.
 *
 * @throws PatchError when a passage does not occur exactly once
 */
export function plant(bug: PlantedBug, source: string): string {
  return bug.edits.reduce((text, { find, replace }) => {
    const times = text.split(find).length - 1;
    if (times !== 1) throw new PatchError(`${bug.name}: found ${times} times, not once, in ${bug.file}:\n${find}`);
    return text.replace(find, () => replace);
  }, source);
}
