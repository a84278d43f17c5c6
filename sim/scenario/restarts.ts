import { parseNsqdOptions } from "../../core/nsqd/options.ts";
import { checkOptions } from "./daemon-options.ts";
import type { Problem } from "./shape.ts";
import type { Scenario } from "./types.ts";

/** What an nsqd cannot change without becoming another one, to others or to itself. */
const FIXED = ["tcp-address", "http-address", "profile", "data-path"];

/** The options an nsqd is started again with must be good ones, and it must stay where others know that it is. */
export function checkRestarts({ nsqd, faults = [] }: Scenario, problems: Problem[]): void {
  for (const [index, { do: action }] of faults.entries()) {
    if (!("restartWith" in action) || action.restartWith?.options === undefined) continue;
    const { options } = action.restartWith;
    const path = `faults[${index}].do.restartWith`;
    for (const flag of FIXED) {
      const value = options[flag];
      if (value !== undefined)
        problems.push({ path: `${path}.options.${flag}`, value, expected: "an option that a restart can change" });
    }
    const before = nsqd.find(({ name }) => name === action.process)?.options;
    checkOptions(() => parseNsqdOptions({ ...before, ...options }), path, problems);
  }
}
