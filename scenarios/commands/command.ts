import type { Output } from "./output.ts";

/** One command of `nsqlab`. Loaded only when it is called: starting a broker must not load the drawing of reports. */
export interface Command {
  /** Shown by `nsqlab help NAME`: usage, options, examples. */
  readonly help: string;
  /** Returns the exit code: {@link EXIT}. Throws {@link InputError} or OutputError for what main turns into a message. */
  run(args: readonly string[], output: Output): Promise<number>;
}

export const EXIT = { pass: 0, fail: 1, usage: 2, unknown: 3 } as const;

/** What the user gave is wrong: exit code 2. The message says what, and what was expected. */
export class InputError extends Error {
  override readonly name = "InputError";
}
