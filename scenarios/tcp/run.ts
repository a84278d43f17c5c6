import { microsToMs } from "../../core/time.ts";
import type { Run } from "../../sim/result.ts";
import type { Scenario } from "../../sim/scenario/types.ts";
import { validateScenario } from "../../sim/scenario/validate.ts";
import { judgeHistory, REAL_TIME_SLACK } from "../judge-history.ts";
import { NsqdProcess } from "./nsqd-process.ts";
import { refuseUnsupported, UnsupportedInWorld } from "./supported.ts";
import { fetchStats } from "./stats.ts";
import { topicsOf, withOwnTopics } from "./topics.ts";
import { type Broker, RealWorld } from "./world.ts";

export interface TcpRunOptions {
  /** The nsqd to use instead of child processes of ours. */
  readonly external?: { readonly tcpAddress: string; readonly httpAddress: string };
  /** Called each second: time since the start, and events so far. */
  readonly onSecond?: (atMs: number, events: number) => void;
}

/**
 * Runs a scenario in real time: our nsqd as child processes on loopback (or one that already runs), the same workload
 * programs as in the simulator over real connections, a proxy on every link for its faults, the same oracles.
 *
 * @throws ScenarioError for an invalid scenario
 * @throws UnsupportedInWorld when it needs what only the simulator can do, or nobody answers at the external address
 */
export async function runOverTcp(scenario: Scenario, options: TcpRunOptions = {}): Promise<Run> {
  const { external, onSecond } = options;
  const valid = withoutFiles(validateScenario(scenario));
  refuseUnsupported(valid, external !== undefined);
  if (external === undefined) return runOnChildren(valid, onSecond);
  const suffix = `.nsqlab-${Date.now().toString(36)}`;
  return runOnExternal(withOwnTopics(valid, suffix), external, onSecond);
}

/** Nobody looks into the files of a real nsqd: P3, which judges them, will not know, and is not expected to. */
function withoutFiles(scenario: Scenario): Scenario {
  const { expect } = scenario;
  if (expect?.verdicts?.P3 === undefined) return scenario;
  const { P3: _, ...verdicts } = expect.verdicts;
  return { ...scenario, expect: { ...expect, verdicts } };
}

async function runOnChildren(scenario: Scenario, onSecond: TcpRunOptions["onSecond"]): Promise<Run> {
  const children = scenario.nsqd.map((spec) => new NsqdProcess(spec));
  const abandonAll = (): void => {
    for (const child of children) child.abandon();
  };
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted).once("exit", abandonAll);
  try {
    await Promise.all(children.map((child) => child.start()));
    const brokers = children.map((child): Broker => ({ name: child.name, endpoint: child.endpoint!, process: child }));
    return await drive(scenario, brokers, onSecond);
  } finally {
    await Promise.all(children.map((child) => child.dispose()));
    process.off("SIGINT", interrupted).off("SIGTERM", interrupted).off("exit", abandonAll);
  }
}

/** Ends this process by its own means, so that its children are ended too. */
function interrupted(): void {
  process.exit(1);
}

async function runOnExternal(
  scenario: Scenario,
  { tcpAddress, httpAddress }: NonNullable<TcpRunOptions["external"]>,
  onSecond: TcpRunOptions["onSecond"],
): Promise<Run> {
  if ((await fetchStats(httpAddress)) === null)
    throw new UnsupportedInWorld(`no nsqd answers at http://${httpAddress}/stats`);
  const colon = tcpAddress.lastIndexOf(":");
  const host = tcpAddress.slice(0, colon).replaceAll(/[[\]]/g, "");
  const endpoint = { host, tcpPort: Number(tcpAddress.slice(colon + 1)), httpAddress };
  try {
    return await drive(scenario, [{ name: scenario.nsqd[0]!.name, endpoint, process: null }], onSecond);
  } finally {
    for (const topic of topicsOf(scenario)) {
      // It is gone when a topic was ephemeral; nothing more can be done for an nsqd that does not answer.
      const target = `http://${httpAddress}/topic/delete?topic=${encodeURIComponent(topic)}`;
      await fetch(target, { method: "POST" }).catch(() => undefined);
    }
  }
}

async function drive(
  scenario: Scenario,
  brokers: readonly Broker[],
  onSecond: TcpRunOptions["onSecond"],
): Promise<Run> {
  const world = new RealWorld(scenario, brokers);
  const ticker = setInterval(() => onSecond?.(microsToMs(world.agenda.now), world.history.length), 1_000);
  try {
    await world.start();
    await world.ended;
  } finally {
    clearInterval(ticker);
    world.close();
  }
  return conclude(scenario, world);
}

function conclude(scenario: Scenario, { history, faults }: RealWorld): Run {
  return judgeHistory({ scenario, history, world: "tcp", slackUs: REAL_TIME_SLACK }, faults.fired);
}
