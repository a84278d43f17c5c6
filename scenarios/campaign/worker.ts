import { parentPort } from "node:worker_threads";
import { assert } from "../../core/assert.ts";
import { judgeSeed } from "../../sim/campaign/seed.ts";
import { simulate } from "../simulate.ts";
import type { SeedTask } from "./run-seeds.ts";

// A thread of a campaign: takes seeds, answers with what became of each.
assert(parentPort !== null, "this module runs in a worker thread");
const port = parentPort;
port.on("message", ({ size, seeds }: SeedTask) => {
  port.postMessage(seeds.map((seed) => judgeSeed(seed, size, simulate)));
});
