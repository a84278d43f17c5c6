import { formatGoDuration } from "../nsqd/duration.ts";
import { FLAGS, type Flag } from "../nsqd/flags.ts";
import { DEFAULT_OPTIONS } from "../nsqd/options.ts";

const INTRODUCTION = `nsqd: the NSQ broker of nsqlab, over TCP and HTTP

  nsqd --tcp-address=127.0.0.1:4150 --http-address=127.0.0.1:4151 --data-path=/var/lib/nsqd
  nsqd -mem-queue-size 100 -msg-timeout 1m30s

Flags take one dash or two, =value or the value behind a blank. Durations are written as in Go: 250ms, 1m30s.`;

/** The help text: every flag, grouped, with its default; those that this build refuses come last. */
export function helpText(): string {
  const lines = [INTRODUCTION];
  const available = FLAGS.filter((flag) => flag.unavailable === undefined);
  for (const group of new Set(available.map((flag) => flag.group))) {
    lines.push("", group);
    for (const flag of available) if (flag.group === group) lines.push(describe(flag));
  }
  lines.push(
    "",
    "Other",
    row("--config string", "TOML file with the same settings, named as flags with _ for -; flags win"),
    row("--help", "this text"),
    row("--version", "print the version and exit"),
  );
  lines.push("", "Refused in this build, unless they have their defaults");
  const refused = FLAGS.filter((flag) => flag.unavailable !== undefined);
  for (const reason of new Set(refused.map((flag) => flag.unavailable))) {
    lines.push(`  ${reason}:`);
    for (const flag of refused) if (flag.unavailable === reason) lines.push(`    --${flag.name}`);
  }
  return `${lines.join("\n")}\n`;
}

function row(left: string, right: string): string {
  return `  ${left.padEnd(38)} ${right}`;
}

function describe(flag: Flag): string {
  const shown = defaultOf(flag);
  const tail = shown === "" || flag.help.includes("(default") ? "" : ` (default ${shown})`;
  return row(`--${flag.name} ${placeholder(flag)}`, `${flag.help}${tail}`);
}

function placeholder(flag: Flag): string {
  if (flag.type === "bool") return "";
  return flag.type.startsWith("list") ? "value" : flag.type;
}

function defaultOf(flag: Flag): string {
  const value = DEFAULT_OPTIONS[flag.key];
  if (flag.type === "duration") return formatGoDuration(Number(value));
  return Array.isArray(value) ? value.join(", ") : String(value);
}
