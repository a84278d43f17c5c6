import fc from "fast-check";

// FC_SEED replays a failed property, FC_RUNS deepens all of them.
const seed = process.env["FC_SEED"];
const runs = process.env["FC_RUNS"];
fc.configureGlobal({
  ...(seed === undefined ? {} : { seed: Number(seed) }),
  ...(runs === undefined ? {} : { numRuns: Number(runs) }),
});
