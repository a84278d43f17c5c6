import { runNsqlookupd } from "../../core/node/nsqlookupd.ts";
import type { Command } from "./command.ts";

const help = `nsqlab nsqlookupd [flags]

Serves the directory where nsqds register and consumers find them. Flags are nsqlookupd's, -flag or --flag, =value or space;
\`nsqlab nsqlookupd --help\` lists them.

  nsqlab nsqlookupd --tcp-address=127.0.0.1:4160 --http-address=127.0.0.1:4161 --broadcast-address=127.0.0.1`;

export const command: Command = { help, run: (args) => runNsqlookupd(args) };
