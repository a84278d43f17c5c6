import { PROPERTY_IDS, type PropertyId } from "../../sim/scenario/types.ts";
import { CATALOGUE } from "../catalogue/index.ts";
import { readPropertyPage } from "../property-pages.ts";
import { parseArguments } from "./arguments.ts";
import { type Command, EXIT, InputError } from "./command.ts";

const help = `nsqlab property [ID…] [--json]

Shows the properties that nsqlab judges. With ids, their pages: what exactly is promised, what the oracle needs to see,
which licences excuse a violation, where it is blind, when it says unknown, and the scenarios that demand its verdict.

  nsqlab property
  nsqlab property P6 P7`;

export const command: Command = {
  help,
  async run(args, output) {
    const { names, options } = parseArguments(args, { json: "flag" });
    const ids = names.length === 0 ? PROPERTY_IDS : names.map(propertyId);
    const pages = ids.map((id) => ({ ...readPropertyPage(id), scenarios: scenariosOf(id) }));
    if (options.json) output.print(JSON.stringify(pages, null, 2));
    else if (names.length === 0) {
      const width = Math.max(...pages.map(({ name }) => name.length));
      output.print(
        pages.map(({ id, name, promise }) => `${id.padEnd(4)} ${name.padEnd(width)}  ${promise}`).join("\n"),
      );
    } else output.print(pages.map(({ text, scenarios }) => `${text}\n\n${scenarioSection(scenarios)}`).join("\n\n"));
    return EXIT.pass;
  },
};

function propertyId(word: string): PropertyId {
  const wanted = word.toUpperCase();
  const id = PROPERTY_IDS.find((one) => one === wanted);
  if (id !== undefined) return id;
  throw new InputError(`unknown property ${word}; there are ${PROPERTY_IDS.join(", ")}`);
}

function scenariosOf(id: PropertyId): string[] {
  return CATALOGUE.filter(({ expect }) => expect?.verdicts?.[id] !== undefined).map(({ name }) => name);
}

function scenarioSection(names: readonly string[]): string {
  const lines =
    names.length === 0 ? ["None demands it by name; every run is judged."] : names.map((name) => `- ${name}`);
  return ["## Scenarios that demand its verdict", "", ...lines].join("\n");
}
