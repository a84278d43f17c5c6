import type { Scenario } from "../../../sim/scenario/types.ts";
import { judgeSeed } from "../../../sim/campaign/seed.ts";
import type { Size } from "../../../sim/generate/limits.ts";
import { simulate } from "../../../sim/run.ts";
import { CATALOGUE } from "../../catalogue/index.ts";

/** Which figure of the simulator. */
export type SimulationJob = "delivered" | "events" | "ten-minutes" | "virtual" | "small-worlds" | "big-worlds";

const ROOM: Pick<Scenario, "question" | "seed" | "recoveryMs" | "nsqd"> = {
  question: "How fast is the simulator?",
  seed: 1,
  recoveryMs: 60_000,
  nsqd: [{ name: "nsqd1", options: { "mem-queue-size": 1_000_000 } }],
};

/** As fast as it goes: two producers in a hurry, two consumers that are never idle. */
const BUSY: Scenario = {
  ...ROOM,
  name: "bench-busy",
  durationMs: 1_000,
  producers: [1, 2].map((number) => ({
    name: `producer${number}`,
    nsqd: ["nsqd1"],
    workload: [{ topic: "orders", count: 50_000, everyMs: 0, bodyBytes: 200 }],
  })),
  consumers: [1, 2].map((number) => ({
    name: `consumer${number}`,
    nsqd: ["nsqd1"],
    topic: "orders",
    channel: "billing",
    maxInFlight: 200,
  })),
};

/** Many small events: every message travels alone. */
const TRICKLE: Scenario = {
  ...BUSY,
  name: "bench-trickle",
  durationMs: 240_000,
  producers: [
    { name: "producer1", nsqd: ["nsqd1"], workload: [{ topic: "orders", count: 240_000, everyMs: 1, bodyBytes: 64 }] },
  ],
};

/** Ten minutes of an ordinary day, 100 messages a second. */
const TEN_MINUTES: Scenario = {
  ...TRICKLE,
  name: "bench-ten-minutes",
  durationMs: 600_000,
  producers: [
    { name: "producer1", nsqd: ["nsqd1"], workload: [{ topic: "orders", count: 60_000, everyMs: 10, bodyBytes: 64 }] },
  ],
};

/** Seeds of one measurement of random worlds. */
const SMALL_WORLDS = 200;
const BIG_WORLDS = 40;

/** What the unit of the job's figure counts. */
export function measureSimulation(job: SimulationJob): number {
  if (job === "virtual") return medianRatio();
  if (job === "small-worlds") return randomWorlds("small", SMALL_WORLDS);
  if (job === "big-worlds") return randomWorlds("swarm", BIG_WORLDS);
  const startMs = performance.now();
  if (job === "events") {
    const { agendaEvents } = simulate(TRICKLE, { history: "off" });
    return agendaEvents / seconds(startMs);
  }
  const run = simulate(job === "delivered" ? BUSY : TEN_MINUTES);
  if (run.outcome !== "pass") throw new Error(`${run.scenario.name}: the run's outcome is ${run.outcome}`);
  return job === "delivered" ? run.ledger.delivered / seconds(startMs) : seconds(startMs);
}

/** Seconds of virtual time that pass in a second of real time, in the median of the catalogue's scenarios. */
function medianRatio(): number {
  const ratios = CATALOGUE.map((scenario) => {
    const startMs = performance.now();
    return simulate(scenario).virtualUs / 1e6 / seconds(startMs);
  });
  return ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)]!;
}

/** Seeds judged per second of the processor: the campaign of one core. */
function randomWorlds(size: Size, seeds: number): number {
  const { user, system } = process.cpuUsage();
  for (let seed = 1; seed <= seeds; seed += 1) judgeSeed(seed, size, simulate);
  const spent = process.cpuUsage({ user, system });
  return seeds / ((spent.user + spent.system) / 1e6);
}

function seconds(startMs: number): number {
  return (performance.now() - startMs) / 1000;
}
