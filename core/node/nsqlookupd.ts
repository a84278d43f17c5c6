#!/usr/bin/env node
import os from "node:os";
import { HostError } from "../host.ts";
import { LOOKUPD_FLAGS } from "../nsqlookupd/flags.ts";
import { startNsqlookupd } from "../nsqlookupd/nsqlookupd.ts";
import { DEFAULT_LOOKUPD_OPTIONS, type NsqlookupdOptions, parseNsqlookupdOptions } from "../nsqlookupd/options.ts";
import { type Daemon, isMain, runDaemon, type Stoppable } from "./daemon.ts";
import { createNodeHost } from "./host.ts";

const INTRODUCTION = `nsqlookupd: the directory of nsqlab, where nsqds register and consumers find them

  nsqlookupd --tcp-address=127.0.0.1:4160 --http-address=127.0.0.1:4161 --broadcast-address=127.0.0.1
  nsqlookupd -inactive-producer-timeout 1m -tombstone-lifetime 10s

Flags take one dash or two, =value or the value behind a blank. Durations are written as in Go: 250ms, 1m30s.`;

const NSQLOOKUPD: Daemon<NsqlookupdOptions> = {
  name: "nsqlookupd",
  introduction: INTRODUCTION,
  flags: LOOKUPD_FLAGS,
  defaults: DEFAULT_LOOKUPD_OPTIONS,
  parse: (flags) => parseNsqlookupdOptions(flags, { ...DEFAULT_LOOKUPD_OPTIONS, broadcastAddress: os.hostname() }),
  openHost: ({ logLevel }, log) => createNodeHost({ logLevel, log }),
  start: (host, options) =>
    new Promise<Stoppable>((resolve, reject) => {
      const program = startNsqlookupd(host, options, {
        ready: (result) => {
          if (result instanceof HostError) reject(result);
          // `program` is there by then: an answer never comes within the call.
          else resolve(program);
        },
      });
    }),
};

/**
 * The daemon: serves until SIGTERM, SIGINT or SIGHUP.
 *
 * @param args the flags, without the program's name
 * @returns the exit code: 0 after a clean stop, 1 when it cannot start (a busy port), 2 for a command line it does not
 *   understand
 */
export function runNsqlookupd(args: readonly string[]): Promise<number> {
  return runDaemon(NSQLOOKUPD, args);
}

if (isMain(import.meta.url)) process.exit(await runNsqlookupd(process.argv.slice(2)));
