import { microsToMs } from "../core/time.ts";
import { UserHandlers, type UserHandler } from "./handlers.ts";
import type { LogHook } from "./host.ts";
import { checkExpectations, outcomeOf } from "./oracles/expectations.ts";
import { judge } from "./oracles/index.ts";
import { buildLedger } from "./oracles/ledger.ts";
import type { Evidence, Ledger, Run } from "./result.ts";
import type { Scenario } from "./scenario/types.ts";
import { ScenarioError, validateScenario } from "./scenario/validate.ts";
import { Simulation } from "./simulation.ts";
import type { Reseed } from "./streams.ts";

export interface SimulateOptions {
  /** `off`: nothing is recorded, so nothing can be judged and faults by event never fire. Default `full`. */
  readonly history?: "full" | "off";
  /** Default true, when there is a history. */
  readonly judge?: boolean;
  /** Sees the log lines of every process. */
  readonly log?: LogHook;
  /** Other random choices from an instant on. Default: none. */
  readonly reseed?: Reseed;
}

export interface SimulateAsyncOptions extends SimulateOptions {
  /** Handlers that consumers of the scenario name by `{ "use": name }`. */
  readonly handlers: Readonly<Record<string, UserHandler>>;
  /** Resolves when no microtask is left (in Node: after `setImmediate`). Virtual time stands still meanwhile. */
  readonly drain: () => PromiseLike<void>;
}

/** Code of nsqlab threw in a run: a mistake of ours, not a property of the scenario. */
export class RunError extends Error {
  override readonly name = "RunError";
  /** The process that ran, or "the judge". */
  readonly process: string;
  readonly atUs: number;

  constructor(scenario: string, process: string, atUs: number, cause: unknown) {
    const what = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    super(`${scenario}: ${process} failed at ${microsToMs(atUs)} ms of virtual time: ${what}`, { cause });
    this.process = process;
    this.atUs = atUs;
  }
}

/**
 * Runs a scenario in the simulated world and judges it. The same scenario gives the same run on every machine.
 *
 * @throws ScenarioError when the scenario is not valid, or names a handler function (see {@link simulateAsync})
 * @throws RunError when nsqlab itself fails
 */
export function simulate(scenario: Scenario, options: SimulateOptions = {}): Run {
  const simulation = prepare(scenario, new UserHandlers({}), options);
  try {
    simulation.begin();
    while (!simulation.over) simulation.step();
  } catch (error) {
    throw runError(simulation, simulation.running, error);
  }
  return conclude(simulation, options);
}

/**
 * {@link simulate} with handlers that are functions, which may be async and sleep in virtual time. What a handler
 * throws is recorded and requeues its message.
 *
 * @throws ScenarioError when the scenario is not valid, or names a handler that was not given
 * @throws RunError when nsqlab itself fails
 */
export async function simulateAsync(scenario: Scenario, options: SimulateAsyncOptions) {
  const users = new UserHandlers(options.handlers);
  const simulation = prepare(scenario, users, options);
  try {
    simulation.begin();
    while (!simulation.over) {
      simulation.step();
      while (users.touched) {
        users.touched = false;
        // oxlint-disable-next-line no-await-in-loop -- virtual time stands still until the handlers have run
        await options.drain();
        users.resume();
      }
    }
  } catch (error) {
    throw runError(simulation, simulation.running, error);
  }
  return conclude(simulation, options);
}

function prepare(scenario: Scenario, users: UserHandlers, options: SimulateOptions): Simulation {
  const valid = validateScenario(scenario);
  requireHandlers(valid, users);
  return new Simulation(valid, users, {
    record: options.history !== "off",
    log: options.log ?? null,
    reseed: options.reseed ?? null,
  });
}

function requireHandlers(scenario: Scenario, users: UserHandlers): void {
  const problems = scenario.consumers.flatMap(({ handler }, index) => {
    if (handler === undefined || !("use" in handler) || users.names.includes(handler.use)) return [];
    const expected =
      users.names.length === 0 ? "behaviours: no handler function was given" : `one of ${users.names.join(", ")}`;
    return [{ path: `consumers[${index}].handler.use`, value: handler.use, expected }];
  });
  if (problems.length > 0) throw new ScenarioError(problems);
}

function runError(simulation: Simulation, who: string, error: unknown): RunError {
  return new RunError(simulation.scenario.name, who, simulation.agenda.now, error);
}

/** What a simulation that is over has shown. */
export function conclude(simulation: Simulation, options: SimulateOptions = {}): Run {
  const { scenario, history, agenda, faultsFired } = simulation;
  const facts = {
    scenario,
    world: "sim" as const,
    history,
    hash: history.hash(),
    faultsFired,
    agendaEvents: agenda.dispatched,
    virtualUs: agenda.now,
  };
  if (options.history !== "off" && options.judge !== false) return { ...facts, ...judgement(simulation) };
  let ledger: Ledger | null = null;
  return {
    ...facts,
    verdicts: [],
    /** Not asked for: made when it is looked at. */
    get ledger() {
      return (ledger ??= buildLedger(evidenceOf(simulation)));
    },
    expectations: [],
    outcome: "unknown",
  };
}

function evidenceOf({ scenario, history }: Simulation): Evidence {
  return { scenario, history, world: "sim", slackUs: 0 };
}

function judgement(simulation: Simulation): Pick<Run, "verdicts" | "ledger" | "expectations" | "outcome"> {
  const { scenario, history } = simulation;
  const evidence = evidenceOf(simulation);
  try {
    const ledger = buildLedger(evidence);
    const verdicts = judge(evidence);
    const expectations = checkExpectations(scenario, verdicts, ledger, history);
    return { verdicts, ledger, expectations, outcome: outcomeOf(verdicts, expectations) };
  } catch (error) {
    throw runError(simulation, "the judge", error);
  }
}
