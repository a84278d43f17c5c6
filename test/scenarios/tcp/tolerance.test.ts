import { expect, test } from "vitest";
import { tolerant } from "../../../scenarios/tcp/tolerance.ts";

test("counts get room, zeros and verdicts do not, what must occur must still occur", () => {
  expect(
    tolerant({
      verdicts: { P2: "pass" },
      duplicates: { timeout: 10, requeue: 1 },
      losses: { "given-up": 0, "memory-at-kill": { min: 697, max: 703 } },
      late: { paused: { min: 250 } },
      delivered: 1000,
      unknownPublishes: 0,
      faultsFired: 20,
    }),
  ).toEqual({
    verdicts: { P2: "pass" },
    duplicates: { timeout: { min: 8, max: 12 }, requeue: { min: 1, max: 3 } },
    losses: { "given-up": 0, "memory-at-kill": { min: 627, max: 774 } },
    late: { paused: { min: 225 } },
    delivered: { min: 900, max: 1100 },
    unknownPublishes: 0,
    faultsFired: 20,
  });
});
