/** EMFILE on a real daemon: what it cannot store it refuses, it stays up, and it loses nothing that it accepted. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { bundleDaemon, Daemon } from "../daemon.ts";

const TOPICS = 40;
const DESCRIPTORS = 48;

const folder = mkdtempSync(path.join(os.tmpdir(), "nsqlab-descriptors-"));
const program = bundleDaemon(folder);
const canLimit = spawnSync("prlimit", ["--version"]).status === 0;

afterAll(() => rmSync(folder, { recursive: true }));

function start(): Daemon {
  const addresses = ["--tcp-address=127.0.0.1:0", "--http-address=127.0.0.1:0"];
  return new Daemon(program, [...addresses, `--data-path=${folder}`, "--mem-queue-size=0"], folder);
}

/** The status, or 0 when there was no descriptor left for the connection. */
async function publish(http: string, topic: string): Promise<number> {
  try {
    return (await fetch(`http://${http}/pub?topic=${topic}`, { method: "POST", body: "x" })).status;
  } catch {
    return 0;
  }
}

async function queued(http: string): Promise<number> {
  const answer = await fetch(`http://${http}/stats?format=json`);
  const stats = (await answer.json()) as { topics: { depth: number }[] | null };
  return (stats.topics ?? []).reduce((sum, { depth }) => sum + depth, 0);
}

test.skipIf(!canLimit)("out of descriptors: refused, still up, nothing accepted is lost", async () => {
  const daemon = start();
  const { http } = await daemon.serving();
  spawnSync("prlimit", ["--pid", String(daemon.pid), `--nofile=${DESCRIPTORS}:${DESCRIPTORS}`]);
  const statuses: number[] = [];
  for (let topic = 0; topic < TOPICS; topic += 1) statuses.push(await publish(http, `t${topic}`));
  expect(statuses[0]).toBe(200);
  expect(statuses).toContain(503);
  expect(daemon.output).toContain("EMFILE");
  statuses.push(await publish(http, "t0"));
  const accepted = statuses.filter((status) => status === 200).length;
  daemon.signal("SIGTERM");
  expect(await daemon.exited).toBe(0);

  const again = start();
  expect(await queued((await again.serving()).http)).toBe(accepted);
  again.signal("SIGTERM");
  expect(await again.exited).toBe(0);
});
