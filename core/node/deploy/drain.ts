/**
 * A hook to run before an nsqd is stopped (Kubernetes: preStop): waits until the consumers that are connected have taken
 * and answered what there is, so that little has to wait for the restart. What is left is no loss: nsqd writes it to disk.
 *
 *   node drain.js --http-address=127.0.0.1:4151 --timeout=60s
 *
 * Exit code 0, also when time runs out: nothing is gained by keeping nsqd from stopping. 2: bad usage.
 */
import { parseArgs } from "node:util";
import { parseGoDuration } from "../../nsqd/duration.ts";
import type { NsqdStats } from "../../nsqd/stats.ts";
import { MILLISECOND } from "../../time.ts";

const POLL_MS = 250;

/** Messages that connected consumers still can take or answer; those that wait for a time or for a consumer are not. */
function drainable({ topics }: NsqdStats): number {
  let messages = 0;
  for (const { channels, depth: topicDepth, paused: isTopicPaused } of topics ?? []) {
    const served = channels.filter(({ client_count: clients, paused }) => clients > 0 && !paused);
    for (const { depth, in_flight_count: inFlight } of served) messages += depth + inFlight;
    if (served.length > 0 && !isTopicPaused) messages += topicDepth;
  }
  return messages;
}

async function readStats(address: string, deadlineMs: number): Promise<NsqdStats> {
  const signal = AbortSignal.timeout(Math.max(1, Math.ceil(deadlineMs - performance.now())));
  const query = "format=json&include_clients=false&include_mem=false";
  const response = await fetch(`http://${address}/stats?${query}`, { signal });
  return (await response.json()) as NsqdStats;
}

async function drain(address: string, timeoutMs: number): Promise<string> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const left = drainable(await readStats(address, deadlineMs));
    if (left === 0) return "drained";
    if (performance.now() + POLL_MS > deadlineMs) return `still to be answered, and left for the restart: ${left}`;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function main(args: string[]): Promise<number> {
  const options = {
    "http-address": { type: "string", default: "127.0.0.1:4151" },
    timeout: { type: "string", default: "30s" },
  } as const;
  let address: string;
  let timeout: number | null;
  try {
    const { values } = parseArgs({ args, options });
    address = values["http-address"];
    timeout = parseGoDuration(values.timeout);
    if (timeout === null) throw new Error(`--timeout=${values.timeout}: expected a duration such as 30s`);
  } catch (error) {
    console.error(`drain: ${(error as Error).message}`);
    return 2;
  }
  try {
    console.log(`drain: ${await drain(address, timeout / MILLISECOND)}`);
  } catch (error) {
    console.log(`drain: nsqd does not answer: ${(error as Error).message}`);
  }
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
