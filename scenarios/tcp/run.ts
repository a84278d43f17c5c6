import { microsToMs, MILLISECOND, type Micros } from "../../core/time.ts";
import { checkExpectations, outcomeOf } from "../../sim/oracles/expectations.ts";
import { judge } from "../../sim/oracles/index.ts";
import { buildLedger } from "../../sim/oracles/ledger.ts";
import type { Evidence, Run } from "../../sim/result.ts";
import type { Scenario } from "../../sim/scenario/types.ts";
import { validateScenario } from "../../sim/scenario/validate.ts";
import { NsqdProcess } from "./nsqd-process.ts";
import { refuseUnsupported, UnsupportedInWorld } from "./supported.ts";
import { fetchStats } from "./stats.ts";
import { tolerant } from "./tolerance.ts";
import { topicsOf, withOwnTopics } from "./topics.ts";
import { type Broker, RealWorld } from "./world.ts";

/** How much later than a perfect machine this one may be: timers, scheduling, the work of the other processes. */
const SLACK: Micros = 100 * MILLISECOND;

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
  const valid = validateScenario(scenario);
  refuseUnsupported(valid, external !== undefined);
  if (external === undefined) return runOnChildren(valid, onSecond);
  const suffix = `.nsqlab-${Date.now().toString(36)}`;
  return runOnExternal(withOwnTopics(valid, suffix), external, onSecond);
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

function conclude(scenario: Scenario, world: RealWorld): Run {
  const { history, faults } = world;
  const evidence: Evidence = { scenario, history, world: "tcp", slackUs: SLACK };
  const ledger = buildLedger(evidence);
  const verdicts = judge(evidence);
  const { expect } = scenario;
  const relaxed = expect === undefined ? scenario : { ...scenario, expect: tolerant(expect) };
  const expectations = checkExpectations(relaxed, verdicts, ledger, history);
  return {
    scenario,
    world: "tcp",
    history,
    hash: history.hash(),
    verdicts,
    ledger,
    expectations,
    outcome: outcomeOf(verdicts, expectations),
    faultsFired: faults.fired,
    agendaEvents: 0,
    virtualUs: history.length === 0 ? 0 : history.at[history.length - 1]!,
  };
}
