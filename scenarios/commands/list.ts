import { CATALOGUE } from "../catalogue/index.ts";
import { parseArguments } from "./arguments.ts";
import { type Command, EXIT } from "./command.ts";
import { selectScenario } from "./select.ts";
import type { CountSpec, Scenario } from "../../sim/scenario/types.ts";

const help = `nsqlab list [NAME|FILE…] [--json]

Shows the catalogue: number, name, question and the properties whose verdict each scenario demands.
With names, those only, with what real NSQ does and what the run must show. With --json, the scenarios themselves: the starting point of one of your own.

  nsqlab list
  nsqlab list lost-fin --json > mine.json     then change it, and: nsqlab run mine.json
  nsqlab list seed:17 --json                  the 17th generated scenario`;

const INDENT = "     ";
const MIN_WIDTH = 40;
/** Longer lines are hard to read. */
const MAX_WIDTH = 120;

export const command: Command = {
  help,
  async run(args, output) {
    const { names, options } = parseArguments(args, { json: "flag" });
    const chosen = names.length === 0 ? CATALOGUE : names.map((name) => selectScenario(name, { seed: null, set: [] }));
    if (options.json) {
      output.print(JSON.stringify(names.length === 1 ? chosen[0] : chosen, null, 2));
    } else {
      const width = Math.max(MIN_WIDTH, Math.min(output.columns, MAX_WIDTH) - INDENT.length);
      const entries = chosen.map((scenario) => [
        ...entry(scenario, width),
        ...(names.length === 0 ? [] : details(scenario, width)),
      ]);
      output.print(entries.map((lines) => lines.join("\n")).join("\n"));
    }
    return EXIT.pass;
  },
};

function entry(scenario: Scenario, width: number): string[] {
  const number = (scenario.catalogue ?? "").padEnd(4);
  const properties = Object.keys(scenario.expect?.verdicts ?? {}).join(" ");
  return [`${number} ${scenario.name.padEnd(30)} ${properties}`.trimEnd(), ...wrap(scenario.question, width)];
}

function details(scenario: Scenario, width: number): string[] {
  const { nsqd, producers, consumers, faults = [], operations = [], expect = {} } = scenario;
  const { verdicts: _, duplicates, losses, late, effects = {}, ...totals } = expect;
  const size = [
    `${nsqd.length} nsqd`,
    plural(producers.length, "producer"),
    plural(consumers.length, "consumer"),
    plural(faults.length, "fault"),
    plural(operations.length, "operation"),
    `${scenario.durationMs / 1_000} s, then at most ${scenario.recoveryMs / 1_000} s to recover`,
  ];
  const expected = [
    ...countsIn("duplicates", duplicates),
    ...countsIn("losses", losses),
    ...countsIn("late", late),
    ...Object.entries(effects).map(([name, count]) => `effects ${name} ${bounds(count)}`),
    ...Object.entries(totals).map(([name, count]) => `${name} ${bounds(count)}`),
  ];
  return [
    ...(scenario.answer === undefined ? [] : wrap(scenario.answer, width)),
    ...wrap(size.join(", "), width),
    ...(expected.length === 0 ? [] : wrap(`expects ${expected.join("; ")}`, width)),
  ];
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function countsIn(table: string, counts: Readonly<Record<string, CountSpec>> = {}): string[] {
  const parts = Object.entries(counts).map(([licence, count]) => `${licence} ${bounds(count)}`);
  return parts.length === 0 ? [] : [`${table}: ${parts.join(", ")}`];
}

function bounds(count: CountSpec): string {
  if (typeof count === "number") return String(count);
  if (count.max === undefined) return `at least ${count.min ?? 0}`;
  return count.min === undefined ? `at most ${count.max}` : `${count.min} to ${count.max}`;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((text) => INDENT + text);
}
