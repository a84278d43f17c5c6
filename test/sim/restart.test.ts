import { expect, test } from "vitest";
import { simulate } from "../../sim/run.ts";
import { at, small } from "./small.ts";

test("a delivery that nobody saw arrive need not have run into its deadline when nsqd was restarted meanwhile", () => {
  const [consumer] = small().consumers;
  const run = simulate(
    small({
      consumers: [
        { ...consumer!, maxInFlight: 20, handler: [{ takeMs: 200 }] },
        { ...consumer!, name: "c2", startMs: 1_500 },
      ],
      // The consumer dies with a message on its way to it; its attempt counts, and the clean stop keeps it.
      faults: [
        at(605, { kind: "kill", process: "c1" }),
        at(700, { kind: "stop", process: "nsqd1", restartAfterMs: 100 }),
      ],
    }),
  );
  const events = [...run.history.events()];
  const unseen = events.find(
    ({ kind, msg, value }) =>
      kind === "deliver" &&
      value === 2 &&
      !events.some((each) => each.kind === "deliver" && each.msg === msg && each.value === 1),
  );
  expect(unseen).toBeDefined();
  expect(run.verdicts.filter(({ outcome }) => outcome === "fail")).toEqual([]);
});
