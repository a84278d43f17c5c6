import { parseNsqdOptions } from "../../core/nsqd/options.ts";
import { parseNsqlookupdOptions } from "../../core/nsqlookupd/options.ts";
import { OPERATOR } from "../apps/operator.ts";
import { checkApplication, claimsShape, storeShape } from "./claims.ts";
import { consumerShape, processName, producerShape, setting } from "./clients.ts";
import { checkOptions } from "./daemon-options.ts";
import { duration } from "./duration.ts";
import { checkExhaust, exhaustShape } from "./exhaust.ts";
import { expectations } from "./expect.ts";
import { faultsShape } from "./faults.ts";
import { operationShape } from "./operations.ts";
import { checkRestarts } from "./restarts.ts";
import {
  fields,
  integer,
  isRecord,
  list,
  number,
  refine,
  table,
  text,
  word,
  type Check,
  type Problem,
} from "./shape.ts";
import { PROPERTY_IDS, type NsqdSpec, type NsqlookupdSpec, type Scenario } from "./types.ts";

const PROFILES = ["exact", "nsqd-1.3"];
const MAX_SHOWN = 120;

const clockOffsetMs = number(-Number.MAX_SAFE_INTEGER);

/** A scenario that cannot be run, with everything that is wrong with it. */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(describeProblem).join("\n"));
    this.problems = problems;
  }

  /** Of the first problem. */
  get path(): string {
    return this.problems[0]!.path;
  }

  get value(): unknown {
    return this.problems[0]!.value;
  }

  get expected(): string {
    return this.problems[0]!.expected;
  }
}

/**
 * The value, if it is a scenario that can be run.
 *
 * @throws ScenarioError with every problem found: path, value, what was expected, the nearest name for a typo
 */
export function validateScenario(value: unknown): Scenario {
  const problems: Problem[] = [];
  scenarioShape(value)(value, "", problems);
  if (problems.length > 0) throw new ScenarioError(problems);
  return value as Scenario;
}

function scenarioShape(value: unknown): Check {
  const lookupds = namesIn(value, "nsqlookupd");
  const nsqds = namesIn(value, "nsqd");
  const clients = [...namesIn(value, "producers"), ...namesIn(value, "consumers")];
  const stores = namesIn(value, "stores");
  const processes = [...lookupds, ...nsqds, ...clients, ...stores];
  const faultNames = { processes, nsqds, nsqlookupds: lookupds, clients };
  const durationMs = isRecord(value) && typeof value["durationMs"] === "number" ? value["durationMs"] : Infinity;
  const sentence = text(/\S/, "a sentence");
  const shape = fields(
    {
      name: text(/^[a-z0-9]+(-[a-z0-9]+)*$/, "a name in kebab case"),
      question: sentence,
      seed: integer(0),
      durationMs: number(0.001, 1e10),
      recoveryMs: number(0.001, 1e10),
      nsqd: list(nsqdShape(lookupds), 1),
      producers: list(producerShape(nsqds)),
      consumers: list(consumerShape({ nsqds, lookupds, stores })),
    },
    {
      catalogue: text(/^S\d\d[a-z]?$/, "a number of the catalogue, such as S02 or S45a"),
      answer: sentence,
      nsqlookupd: list(lookupdShape),
      stores: list(storeShape(processName)),
      claims: claimsShape,
      operations: list(operationShape(nsqds, lookupds)),
      network: fields({}, { latency: duration, fragmentBytes: integer(1), sendBufferBytes: integer(1) }),
      faults: faultsShape(faultNames, [...processes, OPERATOR], durationMs),
      exhaust: exhaustShape(processes),
      oracles: list(word(PROPERTY_IDS, "a property"), 1),
      expect: expectations,
    },
  );
  const application = refine(shape, (scenario: Scenario, _path, problems) => {
    checkApplication(scenario, problems);
    checkRestarts(scenario, problems);
    checkExhaust(scenario, problems);
  });
  return (whole, path, problems) => {
    application(whole, path, problems);
    for (const [index, name] of processes.entries()) {
      const first = processes.indexOf(name);
      if (first !== index || name === OPERATOR) {
        const expected = name === OPERATOR ? "another name: this one is the operator's" : "a name no other process has";
        problems.push({ path: pathOfName(whole, index), value: name, expected });
      }
    }
  };
}

function nsqdShape(lookupds: readonly string[]): Check {
  const shape = fields(
    { name: processName },
    {
      profile: word(PROFILES, "a profile"),
      options: table(setting, null, ""),
      lookupd: list(word(lookupds, "an nsqlookupd of the scenario")),
      clockOffsetMs,
    },
  );
  return refine(shape, ({ options = {} }: NsqdSpec, path, problems) => {
    const parsed = checkOptions(() => parseNsqdOptions(options), path, problems);
    if (parsed === null || parsed.tlsCert + parsed.tlsKey === "") return;
    const expected = "no certificate: there is no TLS in a scenario";
    problems.push({ path: `${path}.options.tls-cert`, value: parsed.tlsCert, expected });
  });
}

const lookupdShape = refine(
  fields({ name: processName }, { options: table(setting, null, ""), clockOffsetMs }),
  ({ options = {} }: NsqlookupdSpec, path, problems) => {
    checkOptions(() => parseNsqlookupdOptions(options), path, problems);
  },
);

/** The names in a list of processes, as far as there are any: shapes are not known to be right yet. */
function namesIn(value: unknown, part: string): string[] {
  const processes = isRecord(value) ? value[part] : undefined;
  if (!Array.isArray(processes)) return [];
  return processes.flatMap((one) => (isRecord(one) && typeof one["name"] === "string" ? [one["name"]] : []));
}

function pathOfName(value: unknown, index: number): string {
  let left = index;
  for (const part of ["nsqlookupd", "nsqd", "producers", "consumers", "stores"]) {
    const { length } = namesIn(value, part);
    if (left < length) return `${part}[${left}].name`;
    left -= length;
  }
  return "";
}

function describeProblem({ path, value, expected }: Problem): string {
  const shown = value === undefined ? "nothing" : JSON.stringify(value);
  const short = shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN)}…` : shown;
  return `${path === "" ? "scenario" : path}: found ${short}, expected ${expected}`;
}
