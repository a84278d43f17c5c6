import { CATALOGUE } from "../catalogue/index.ts";
import { parseArguments } from "./arguments.ts";
import { type Command, EXIT } from "./command.ts";
import { selectScenario } from "./select.ts";
import type { Scenario } from "../../sim/scenario/types.ts";

const help = `nsqlab list [NAME|FILE…] [--json]

Shows the catalogue: number, name, question and the properties whose verdict each scenario demands.
With names, only those. With --json, the scenarios themselves: the starting point of one of your own.

  nsqlab list
  nsqlab list lost-fin --json > mine.json     then change it, and: nsqlab run mine.json
  nsqlab list seed:17 --json                  the 17th generated scenario`;

export const command: Command = {
  help,
  async run(args, output) {
    const { names, options } = parseArguments(args, { json: "flag" });
    const chosen = names.length === 0 ? CATALOGUE : names.map((name) => selectScenario(name, { seed: null, set: [] }));
    if (options.json) {
      output.print(JSON.stringify(names.length === 1 ? chosen[0] : chosen, null, 2));
    } else output.print(chosen.map((scenario) => entry(scenario, output.columns)).join("\n"));
    return EXIT.pass;
  },
};

function entry(scenario: Scenario, columns: number): string {
  const number = (scenario.catalogue ?? "").padEnd(4);
  const properties = Object.keys(scenario.expect?.verdicts ?? {}).join(" ");
  return [
    `${number} ${scenario.name.padEnd(30)} ${properties}`.trimEnd(),
    ...wrap(scenario.question, Math.max(40, columns - 6)).map((line) => `     ${line}`),
  ].join("\n");
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
  return [...lines, line];
}
