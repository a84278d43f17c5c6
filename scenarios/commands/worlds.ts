import type { Run } from "../../sim/result.ts";
import type { Scenario } from "../../sim/scenario/types.ts";
import { simulate } from "../simulate.ts";
import { runOverTcp } from "../tcp/run.ts";
import { refuseUnsupported, UnsupportedInWorld } from "../tcp/supported.ts";
import { InputError } from "./command.ts";
import type { Output } from "./output.ts";

/** Where a scenario is run: simulated; over TCP against our nsqd; against an nsqd that already runs at an address. */
export type World =
  | { readonly kind: "sim" }
  | { readonly kind: "tcp" }
  | { readonly kind: "external"; readonly tcpAddress: string; readonly httpAddress: string };

const ADDRESS = /^(\[[0-9a-fA-F:.]+\]|[\w.-]+):(\d{1,5})$/;

/**
 * `sim`, `tcp`, `host:port`, or `host:port,http-host:port`. An nsqd's HTTP port is by custom its TCP port plus one.
 *
 * @throws InputError for anything else
 */
export function parseWorld(text: string | null): World {
  if (text === null || text === "sim") return { kind: "sim" };
  if (text === "tcp") return { kind: "tcp" };
  const [tcpAddress = "", httpAddress, ...more] = text.split(",");
  const match = ADDRESS.exec(tcpAddress);
  const isGood = match !== null && more.length === 0 && (httpAddress === undefined || ADDRESS.test(httpAddress));
  if (!isGood) {
    const expected = "expected sim, tcp, host:port, or host:port,http-host:port of an nsqd that runs";
    throw new InputError(`--world ${JSON.stringify(text)}: ${expected}`);
  }
  return { kind: "external", tcpAddress, httpAddress: httpAddress ?? `${match[1]}:${Number(match[2]) + 1}` };
}

/** A run and how long it took on this machine. */
export interface TimedRun {
  readonly run: Run;
  readonly wallMs: number;
}

/**
 * Refuses, before anything runs, scenarios that ask for what a world cannot do.
 *
 * @throws InputError naming all that the first such scenario asks for
 */
export function requireSupport(scenarios: readonly Scenario[], world: World): void {
  if (world.kind === "sim") return;
  try {
    for (const scenario of scenarios) refuseUnsupported(scenario, world.kind === "external");
  } catch (error) {
    throw error instanceof UnsupportedInWorld ? new InputError(error.message) : error;
  }
}

/**
 * Runs a scenario in a world.
 *
 * @throws InputError when nobody answers at the address of the world
 */
export async function runInWorld(scenario: Scenario, world: World, output: Output): Promise<TimedRun> {
  const began = performance.now();
  if (world.kind === "sim") return { run: simulate(scenario), wallMs: performance.now() - began };
  const seconds = Math.round((scenario.durationMs + scenario.recoveryMs) / 1_000);
  output.remark(`${scenario.name}: in real time, ${Math.round(scenario.durationMs / 1_000)} s, at most ${seconds} s`);
  try {
    const run = await runOverTcp(scenario, {
      ...(world.kind === "external" && { external: world }),
      onSecond: (atMs, rows) => output.progress(`${scenario.name}  ${Math.round(atMs / 1_000)} s, ${rows} events`),
    });
    return { run, wallMs: performance.now() - began };
  } catch (error) {
    if (error instanceof UnsupportedInWorld) throw new InputError(error.message);
    throw error;
  } finally {
    output.progress("");
  }
}
