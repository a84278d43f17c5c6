/** Consumers that ask for compression, in the simulator: snappy is in the core, so its bytes are simulated as well. */
import { expect, test } from "vitest";
import type { Run } from "../../sim/result.ts";
import { simulate } from "../../sim/run.ts";
import { small } from "./small.ts";

function runWith(config: Record<string, string | number | boolean>): Run {
  const plain = small();
  const consumers = plain.consumers.map((each) => ({ ...each, config: { ...each.config, ...config } }));
  return simulate({ ...plain, consumers });
}

test("snappy carries everything, and the same at every run", () => {
  const run = runWith({ snappy: true });
  expect(run.outcome).toBe(runWith({}).outcome);
  expect(run.hash).toBe(runWith({ snappy: true }).hash);
  expect(run.ledger).toMatchObject({ published: 100, delivered: 100, finished: 100 });
});

test.each([{ tls_v1: true }, { deflate: true }])("%j is refused, as there is none", (config) => {
  expect(() => runWith(config)).toThrow(/in a scenario/);
});
