#!/usr/bin/env node
import { readdir } from "node:fs/promises";
import { type Host, HostError } from "../host.ts";
import { FLAGS } from "../nsqd/flags.ts";
import type { NsqdProgram } from "../nsqd/nsqd.ts";
import { DEFAULT_OPTIONS, type NsqdOptions, parseNsqdOptions } from "../nsqd/options.ts";
import { type Daemon, isMain, runDaemon } from "./daemon.ts";
import { machineDefaults } from "./defaults.ts";
import { createNodeHost } from "./host.ts";
import { startAndWait } from "./start.ts";

const INTRODUCTION = `nsqd: the NSQ broker of nsqlab, over TCP and HTTP

  nsqd --tcp-address=127.0.0.1:4150 --http-address=127.0.0.1:4151 --data-path=/var/lib/nsqd
  nsqd -mem-queue-size 100 -msg-timeout 1m30s

Flags take one dash or two, =value or the value behind a blank. Durations are written as in Go: 250ms, 1m30s.`;

const NSQD: Daemon<NsqdOptions> = {
  name: "nsqd",
  introduction: INTRODUCTION,
  flags: FLAGS,
  defaults: DEFAULT_OPTIONS,
  parse: (flags) => parseNsqdOptions(flags, machineDefaults()),
  openHost: ({ dataPath, logLevel }, log) => createNodeHost({ filesPath: dataPath, logLevel, log }),
  start: async (host, options) => {
    host.log("info", `ID: ${options.nodeId}`);
    await warnOfBacklog(host, options.dataPath === "" ? "." : options.dataPath);
    const { program } = await startAndWait(host, options);
    return {
      stop: (done) => {
        warnOfLoss(host, program);
        program.stop(done);
      },
    };
  },
};

/**
 * The daemon: serves until SIGTERM, SIGINT or SIGHUP.
 *
 * @param args the flags, without the program's name
 * @returns the exit code: 0 after a clean stop, 1 when it cannot start (a busy port, a broken nsqd.dat, a flag it
 *   refuses), 2 for a command line it does not understand
 */
export function runNsqd(args: readonly string[]): Promise<number> {
  return runDaemon(NSQD, args);
}

/** A data path that another nsqd has used may hold messages, which we can neither read nor would touch. */
async function warnOfBacklog(host: Host, dataPath: string): Promise<void> {
  const names = await readdir(dataPath).catch((error: NodeJS.ErrnoException) => {
    throw new HostError(error.code ?? "EIO", `--data-path ${dataPath}: ${error.message}`);
  });
  const files = names.filter((name) => name.includes(".diskqueue.")).length;
  if (files > 0) host.log("warn", `${files} disk queue files in ${dataPath} are not read: there is no disk queue yet`);
}

/** What memory holds is gone with the process; that must not happen silently. */
function warnOfLoss(host: Host, program: NsqdProgram): void {
  let messages = 0;
  program.gauges((_topic, _channel, { depth, inFlight, deferred }) => {
    messages += depth + inFlight + deferred;
  });
  const are = messages === 1 ? "message in memory is" : "messages in memory are";
  if (messages > 0) host.log("warn", `${messages} ${are} lost: there is no disk queue yet`);
}

if (isMain(import.meta.url)) process.exit(await runNsqd(process.argv.slice(2)));
