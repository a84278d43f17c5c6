import { compileFunction } from "node:vm";
import { createRequire } from "node:module";
import type * as Simulate from "../simulate.ts";

/** What a planted script offers: the simulator of its own copy of the sources. */
export type Subject = typeof Simulate;

/** The module that scripts are made of, from the root of the sources. */
export const SUBJECT_ENTRY = "scenarios/simulate.ts";

/** Runs a script in this thread. */
export function loadSubject(script: string): Subject {
  const module = { exports: {} };
  compileFunction(script, ["module", "exports", "require"])(module, module.exports, createRequire(import.meta.url));
  return module.exports as Subject;
}
