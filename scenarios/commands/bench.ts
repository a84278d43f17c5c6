import { runBench } from "../bench/main.ts";
import type { Command } from "./command.ts";

const help = `nsqlab bench [NAME…] [--json] [--runs N] [--peer nsqd=PATH]

Measures the broker over TCP, its memory, its cost at size, and the simulator. \`nsqlab bench --help\` lists the names.

  nsqlab bench mpub consume --runs 5
  nsqlab bench --peer nsqd=/usr/bin/nsqd --json > figures.json`;

export const command: Command = { help, run: (args) => runBench(args) };
