import { runCommand } from "../../../scenarios/commands/main.ts";
import type { Output } from "../../../scenarios/commands/output.ts";

export interface Captured {
  readonly code: number;
  /** What went to standard output. */
  readonly printed: string;
  /** What went to standard error. */
  readonly remarks: string;
}

/** Runs the `nsqlab` command in this process. */
export async function nsqlab(...args: string[]): Promise<Captured> {
  const printed: string[] = [];
  const remarks: string[] = [];
  const output: Output = {
    print: (text) => void printed.push(text),
    remark: (text) => void remarks.push(text),
    progress: () => undefined,
    isTerminal: false,
    isColoured: false,
    columns: 100,
  };
  const code = await runCommand(args, output);
  return { code, printed: printed.join("\n"), remarks: remarks.join("\n") };
}
