import type { Flag } from "../flags/flag.ts";
import { formatGoDuration } from "../nsqd/duration.ts";

/** The help text of a daemon: every flag, grouped, with its default. */
export function helpText<Options>(
  introduction: string,
  flags: readonly Flag<keyof Options & string>[],
  defaults: Options,
): string {
  const lines = [introduction];
  for (const group of new Set(flags.map((flag) => flag.group))) {
    lines.push("", group);
    for (const flag of flags) if (flag.group === group) lines.push(describe(flag, defaults[flag.key]));
  }
  lines.push(
    "",
    "Other",
    row("--config string", "TOML file with the same settings, named as flags with _ for -; flags win"),
    row("--help", "this text"),
    row("--version", "print the version and exit"),
  );
  return `${lines.join("\n")}\n`;
}

function row(left: string, right: string): string {
  return `  ${left.padEnd(38)} ${right}`;
}

function describe(flag: Flag, value: unknown): string {
  const shown = shownDefault(flag, value);
  const tail = shown === "" || flag.help.includes("(default") ? "" : ` (default ${shown})`;
  return row(`--${flag.name} ${placeholder(flag)}`, `${flag.help}${tail}`);
}

function placeholder(flag: Flag): string {
  if (flag.type === "bool") return "";
  return flag.type.startsWith("list") ? "value" : flag.type;
}

function shownDefault(flag: Flag, value: unknown): string {
  if (flag.type === "duration") return formatGoDuration(Number(value));
  return Array.isArray(value) ? value.join(", ") : String(value);
}
