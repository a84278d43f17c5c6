import { readFileSync } from "node:fs";
import { renderReport } from "../../reports/report.ts";
import { inferScenario, participantsOf } from "../../sim/infer.ts";
import { type History, KIND } from "../../sim/history.ts";
import { HistoryFormatError, readHistory } from "../../sim/recorded.ts";
import type { Scenario } from "../../sim/scenario/types.ts";
import { judgeHistory, REAL_TIME_SLACK } from "../judge-history.ts";
import { parseArguments } from "./arguments.ts";
import { type Command, EXIT, InputError } from "./command.ts";
import { describeRun } from "./describe-run.ts";
import { runsDocument } from "./document.ts";
import { EXPORT_HELP, parseExports } from "./exports.ts";
import { remarksOnly, writeOutputFile } from "./output.ts";
import { checkScenario, selectScenario } from "./select.ts";

const help = `nsqlab judge EVENTS.jsonl [--scenario NAME|FILE] [--report out.html] [--json]

Judges a recorded history by the properties that runs are judged by: what \`nsqlab run --events\` wrote, or what you
recorded of a real system, in the same form: one JSON object per line, in the order in which things happened.

  {"atUs":1000,"kind":"publish","process":"web","peer":"nsqd1","place":"orders","msg":1}
  {"atUs":2000,"kind":"publish-ok","process":"web","peer":"nsqd1","place":"orders","msg":1}
  {"atUs":2500,"kind":"subscribe","process":"billing1","peer":"nsqd1","place":"orders/billing","conn":0,"value":60000000}
  {"atUs":2600,"kind":"rdy","process":"billing1","peer":"nsqd1","place":"orders/billing","conn":0,"value":1}
  {"atUs":3000,"kind":"deliver","process":"billing1","peer":"nsqd1","place":"orders/billing","msg":1,"conn":0,"value":1}
  {"atUs":4000,"kind":"finish","process":"billing1","peer":"nsqd1","place":"orders/billing","msg":1,"conn":0}

atUs is microseconds since the start; msg a number of yours for the message, the same on every channel; conn counts the
connections of a client from 0; value is the attempts of a delivery, the count of an rdy, the message timeout of a
subscribe in microseconds. All kinds and their fields are described at the top of sim/history.ts.

  --scenario NAME|FILE  what was meant: options of the nsqds and clients, expectations. Without it every option has its
                        default, and nsqd the Go daemon's timing
  --simulated           the events are of a simulated run: without the 100 ms that real time may be late
  --report out.html     write the report
${EXPORT_HELP}
  --json                one JSON document on standard output

Exit code: 0 as expected, 1 a property or expectation failed, 2 bad usage or input, 3 nothing was proven.

  nsqlab run lost-fin --events lost-fin.jsonl && nsqlab judge lost-fin.jsonl --scenario lost-fin --simulated`;

const OPTIONS = {
  scenario: "text",
  simulated: "flag",
  report: "text",
  export: "list",
  json: "flag",
} as const;

export const command: Command = {
  help,
  async run(args, output) {
    const { names, options } = parseArguments(args, OPTIONS);
    const [path, ...more] = names;
    if (path === undefined || more.length > 0) throw new InputError("judge takes one file of events");
    const exports = parseExports(options.export);
    const history = readEvents(path);
    const scenario = scenarioFor(history, options.scenario, path);
    const text = options.json ? remarksOnly(output) : output;
    const began = performance.now();
    const world = options.simulated ? "sim" : "tcp";
    const slackUs = options.simulated ? 0 : REAL_TIME_SLACK;
    const run = judgeHistory({ scenario, history, world, slackUs }, faultsIn(history));
    const timed = { run, wallMs: performance.now() - began };
    text.print(describeRun(timed));
    if (options.report !== null) writeOutputFile(options.report, renderReport(run));
    for (const { file, render } of exports) writeOutputFile(file, render(history));
    if (options.json) output.print(runsDocument([timed]));
    return EXIT[run.outcome];
  },
};

function readEvents(path: string): History {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new InputError(`cannot read ${path}: ${(error as Error).message}`);
  }
  try {
    return readHistory(text);
  } catch (error) {
    if (error instanceof HistoryFormatError) throw new InputError(`${path}: ${error.message}`);
    throw error;
  }
}

function scenarioFor(history: History, word: string | null, path: string): Scenario {
  if (word === null) return checkScenario(inferScenario(history), `${path}, as a scenario`);
  const scenario = selectScenario(word, { seed: null, set: [] });
  const { nsqds, producers, consumers } = participantsOf(history);
  requireAll("nsqd", nsqds, scenario.nsqd, word);
  requireAll("producer", producers.keys(), scenario.producers, word);
  requireAll("consumer", consumers.keys(), scenario.consumers, word);
  return scenario;
}

function requireAll(
  what: string,
  seen: Iterable<string>,
  specs: readonly { readonly name: string }[],
  scenario: string,
): void {
  const missing = [...seen].filter((name) => !specs.some((spec) => spec.name === name));
  if (missing.length > 0)
    throw new InputError(`--scenario ${scenario}: has no ${what} ${missing.join(", ")}, which the events name`);
}

function faultsIn(history: History): number {
  let fired = 0;
  for (let row = 0; row < history.length; row += 1)
    if (history.kind[row] === KIND.fault && history.detail[row] === 1) fired += 1;
  return fired;
}
