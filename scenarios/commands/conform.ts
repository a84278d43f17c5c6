import { type Conversation, readConversations, recordingsFolder } from "../conform/recordings.ts";
import { replay, type Replayed } from "../conform/replay.ts";
import { parseArguments } from "./arguments.ts";
import { type Command, EXIT, InputError } from "./command.ts";

const DEFAULT_JOBS = 4;

const help = `nsqlab conform --nsqd CMD [--nsqlookupd CMD] [--only TEXT] [--skip TAG]… [--jobs N] [--rules] [--json]

Plays conversations recorded from Go's nsqd and nsqlookupd 1.3.0 to any daemons, and reports by rule what they do
differently: what to know before a broker is swapped or upgraded. CMD is a command line; each conversation starts the
daemon anew, with addresses and a data path added, on free ports of 127.0.0.1. Without --nsqlookupd, or without --nsqd,
what needs it is left out.

  --only TEXT   conversations whose folder/name contains TEXT
  --skip TAG    leave out those with that tag: flaw (keeps to a known flaw of Go's daemons), slow, files, topology
  --jobs N      conversations at a time (default ${DEFAULT_JOBS})
  --rules       list the rules that hold as well
  --json        one JSON document

  nsqlab conform --nsqd "$(which nsqd)" --nsqlookupd "$(which nsqlookupd)"
  nsqlab conform --nsqd "nsqlab nsqd --profile=nsqd-1.3" --only protocol/`;

export const command: Command = {
  help,
  async run(args, output) {
    const { names, options } = parseArguments(args, {
      nsqd: "text",
      nsqlookupd: "text",
      only: "text",
      skip: "list",
      jobs: "integer",
      rules: "flag",
      json: "flag",
    });
    if (names.length > 0) throw new InputError(`conform takes no names, but has ${names.join(", ")}`);
    if (options.nsqd === null && options.nsqlookupd === null) throw new InputError("conform: which --nsqd?");
    const jobs = options.jobs ?? DEFAULT_JOBS;
    if (jobs === 0) throw new InputError("--jobs: at least 1");
    const commands = {
      ...(options.nsqd !== null && { nsqd: options.nsqd }),
      ...(options.nsqlookupd !== null && { nsqlookupd: options.nsqlookupd }),
    };
    const { cases, leftOut } = await replay({
      commands,
      folders: [],
      only: options.only ?? "",
      skip: options.skip,
      jobs,
    });
    if (cases.length === 0) throw new InputError("conform: no conversation is left to play");
    const verdicts = judge(cases);
    if (leftOut > 0) output.remark(`${leftOut} left out: they need the daemon that was not given`);
    output.print(options.json ? documentOf(verdicts, leftOut) : textOf(verdicts, options.rules));
    return verdicts.every(({ ok }) => ok) ? EXIT.pass : EXIT.fail;
  },
};

type Verdict = Conversation & Replayed;

/** What was played, with its rule, in the order of the recordings. */
function judge(cases: readonly Replayed[]): Verdict[] {
  const played = new Map(cases.map((one) => [one.id, one]));
  const verdicts: Verdict[] = [];
  for (const [id, conversation] of readConversations(recordingsFolder())) {
    const one = played.get(id);
    if (one !== undefined) verdicts.push({ ...conversation, ...one });
  }
  return verdicts;
}

function documentOf(verdicts: readonly Verdict[], leftOut: number): string {
  const passed = verdicts.filter(({ ok }) => ok).length;
  return JSON.stringify({ passed, failed: verdicts.length - passed, leftOut, rules: verdicts }, null, 2);
}

function textOf(verdicts: readonly Verdict[], withPassed: boolean): string {
  const lines: string[] = [];
  for (const folder of new Set(verdicts.map((one) => one.folder))) {
    const inFolder = verdicts.filter((one) => one.folder === folder);
    const passed = inFolder.filter(({ ok }) => ok).length;
    lines.push(`${folder}: ${passed} of ${inFolder.length} rules hold`);
    for (const one of inFolder) if (!one.ok || withPassed) lines.push(...linesOf(one));
    lines.push("");
  }
  const passed = verdicts.filter(({ ok }) => ok).length;
  lines.push(`${passed} passed, ${verdicts.length - passed} failed`);
  return lines.join("\n");
}

const LONGEST_LINE = 400;

function linesOf({ ok, name, rule, tags, step = "", expected = [], received = [] }: Verdict): string[] {
  const marked = tags.includes("flaw") ? " (a known flaw of Go's daemons)" : "";
  const head = `  ${ok ? "ok  " : "FAIL"} ${name}: ${rule}${marked}`;
  if (ok) return [head];
  const details = [
    ["at", step],
    ...expected.map((text, index) => [index === 0 ? "expected" : "", text] as const),
    ...received.map((text, index) => [index === 0 ? "received" : "", text] as const),
  ];
  return [head, ...details.map(([title = "", text = ""]) => `       ${title.padEnd(9)}${cut(text)}`)];
}

function cut(text: string): string {
  const line = text.replaceAll("\n", "\\n");
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)} …` : line;
}
