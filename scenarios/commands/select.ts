import { readFileSync } from "node:fs";
import { nearestName } from "../../core/nearest.ts";
import { seedScenario } from "../../sim/generate/index.ts";
import { type Size, SIZES } from "../../sim/generate/limits.ts";
import type { Run } from "../../sim/result.ts";
import { ScenarioError, validateScenario } from "../../sim/scenario/validate.ts";
import type { Scenario } from "../../sim/scenario/types.ts";
import { isCapsule } from "../../sim/shrink/capsule.ts";
import { CATALOGUE, findScenario } from "../catalogue/index.ts";
import { SMALL_WORLDS } from "../exhaust/index.ts";
import { InputError } from "./command.ts";
import { applySettings } from "./settings.ts";

export interface Changes {
  /** Replaces the scenario's seed. */
  readonly seed: number | null;
  /** `path=value` each. */
  readonly set: readonly string[];
}

/**
 * The scenario that a word on the command line means: a name or number of the catalogue (`lost-fin`, `S03`), a small world
 * (`crash-of-nsqd`), a generated one (`seed:17`, `swarm:17`), or a file that holds one: by itself, in a capsule, or in the document of `nsqlab run --json`.
 *
 * @throws InputError for an unknown name (with the nearest), an unreadable file, and every field that is wrong
 */
export function selectScenario(word: string, changes: Changes): Scenario {
  const { value, from } = lookUp(word);
  const seeded = changes.seed === null ? value : applySettings(value, [`seed=${changes.seed}`]);
  return checkScenario(applySettings(seeded, changes.set), from);
}

/**
 * @throws InputError naming every field that is wrong: its path, its value, what was expected
 */
export function checkScenario(value: unknown, from: string): Scenario {
  try {
    return validateScenario(value);
  } catch (error) {
    if (error instanceof ScenarioError) throw new InputError(`${from}: ${error.message}`);
    throw error;
  }
}

/**
 * The content of a JSON file.
 *
 * @throws InputError when it cannot be read or is not JSON
 */
export function readJsonFile(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new InputError(`cannot read ${path}: ${(error as Error).message}`);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new InputError(`${path} is not JSON: ${(error as Error).message}`);
  }
}

/** The scenario in a document: of a capsule, of the first run that failed (or the first), or the document itself. */
function scenarioIn(content: unknown): unknown {
  if (isCapsule(content)) return content.scenario;
  const runs = (content as { readonly runs?: unknown } | null)?.runs;
  if (!Array.isArray(runs)) return content;
  const stored = runs as readonly (Partial<Run> | null)[];
  return (stored.find((run) => run?.outcome === "fail") ?? stored[0])?.scenario;
}

function lookUp(word: string): { readonly value: unknown; readonly from: string } {
  const [, name = "", seed] = /^(\w+):(\d{1,15})$/.exec(word) ?? [];
  const size = name === "seed" ? "small" : name;
  if (seed !== undefined && Object.hasOwn(SIZES, size))
    return { value: seedScenario(Number(seed), size as Size), from: word };
  const known = findScenario(word) ?? SMALL_WORLDS.find(({ name }) => name === word) ?? null;
  if (known !== null) return { value: known, from: word };
  if (/[/\\]|\.json$/.test(word)) return { value: scenarioIn(readJsonFile(word)), from: word };
  const names = [...CATALOGUE, ...SMALL_WORLDS].map((one) => one.name);
  const nearest = nearestName(word, [...names, ...CATALOGUE.map((one) => one.catalogue ?? one.name)]);
  const hint = nearest === null ? "`nsqlab list` shows them" : `did you mean ${nearest}?`;
  throw new InputError(`no scenario is called ${word}; ${hint} (a file's name ends in .json or has a slash)`);
}
