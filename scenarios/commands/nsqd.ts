import { runNsqd } from "../../core/node/nsqd.ts";
import type { Command } from "./command.ts";

const help = `nsqlab nsqd [flags]

Serves the broker over TCP and HTTP. Flags are nsqd's, -flag or --flag, =value or space; \`nsqlab nsqd --help\` lists them.

  nsqlab nsqd --tcp-address=127.0.0.1:4150 --http-address=127.0.0.1:4151 --data-path=/tmp/nsqd
  nsqlab nsqd -mem-queue-size 100 -msg-timeout 5s`;

export const command: Command = { help, run: (args) => runNsqd(args) };
