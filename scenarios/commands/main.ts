import { nearestName } from "../../core/nearest.ts";
import { EXIT, InputError } from "./command.ts";
import { type Output, OutputError } from "./output.ts";
import { COMMANDS } from "./table.ts";

/** Commands that read `--help` themselves, because their options are not ours. */
const OWN_HELP = new Set(["nsqd", "nsqlookupd", "bench"]);

/** The `nsqlab` command. Never throws; returns the exit code: 0 pass, 1 fail, 2 bad usage or input, 3 nothing proven. */
export async function runCommand(args: readonly string[], output: Output): Promise<number> {
  try {
    return await dispatch(args, output);
  } catch (error) {
    return complain(error, output);
  }
}

async function dispatch(args: readonly string[], output: Output): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") return help(rest, output);
  const entry = COMMANDS.find((one) => one.name === name);
  if (entry === undefined) throw new InputError(unknownCommand(name));
  const { command } = await entry.load();
  if (!OWN_HELP.has(name) && rest.some((word) => word === "--help" || word === "-h")) {
    output.print(command.help);
    return EXIT.pass;
  }
  return command.run(rest, output);
}

async function help(names: readonly string[], output: Output): Promise<number> {
  const [name] = names;
  if (name === undefined) {
    output.print(overview());
    return EXIT.pass;
  }
  const entry = COMMANDS.find((one) => one.name === name);
  if (entry === undefined) throw new InputError(unknownCommand(name));
  output.print((await entry.load()).command.help);
  return EXIT.pass;
}

function overview(): string {
  return [
    "nsqlab: what does a message queue promise when consumers crash, links break and brokers die? Try it.",
    "",
    "usage: nsqlab COMMAND [arguments]",
    "",
    ...COMMANDS.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}`),
    `  ${"help".padEnd(10)} this text; nsqlab help COMMAND for the options and examples of a command`,
    "",
    "Exit code: 0 as expected, 1 something failed, 2 bad usage or input, 3 nothing was proven.",
  ].join("\n");
}

function unknownCommand(name: string): string {
  const names = COMMANDS.map((one) => one.name);
  const nearest = nearestName(name, names);
  return `unknown command ${name}; ${nearest === null ? `there are ${names.join(", ")}` : `did you mean ${nearest}?`}`;
}

/** Says what went wrong; the last resort when even that cannot be written is the exit code. */
function complain(error: unknown, output: Output): number {
  const isExpected = error instanceof InputError || error instanceof OutputError;
  const text = isExpected ? error.message : ((error as Error).stack ?? String(error));
  try {
    output.remark(`nsqlab: ${text}`);
  } catch {
    return EXIT.fail;
  }
  return error instanceof InputError ? EXIT.usage : EXIT.fail;
}
