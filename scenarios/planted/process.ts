import { judgeSeed } from "../../sim/campaign/seed.ts";
import { simulate } from "../simulate.ts";
import type { Answer, Question } from "./specimen.ts";

// A process with a planted bug, or with none: is asked for seeds, one at a time, and says what fails.
process.on("message", ({ seed, size }: Question) => {
  const { failures } = judgeSeed(seed, size, simulate);
  tell({ failures, cpuMs: cpuMs() });
});
process.on("disconnect", () => process.exit(0));
tell({ failures: [], cpuMs: cpuMs() });

function tell(answer: Answer): void {
  process.send?.(answer);
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
