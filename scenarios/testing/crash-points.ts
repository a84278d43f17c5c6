import type { HandlerContext, HandlerMessage } from "../../sim/handlers.ts";
import type { Run } from "../../sim/result.ts";
import type { Scenario } from "../../sim/scenario/types.ts";
import { simulateAsync } from "../simulate.ts";
import { Director, type Plan } from "./director.ts";
import { orders } from "./orders.ts";

/** What a handler under test works with, besides its message and the outside world. */
export interface Steps extends HandlerContext {
  /** Does something under a name. The consumer may die before and after it; concurrent deliveries take turns by steps. */
  readonly step: <T>(name: string, act: () => T | PromiseLike<T>) => Promise<T>;
}

/** A handler of messages, cut into steps. What is outside its `world` must hold no state: a crash would not clear it. */
export type SteppedHandler<W> = (message: HandlerMessage, steps: Steps, world: W) => PromiseLike<void>;

export interface CrashPointsOptions<W> {
  readonly handler: SteppedHandler<W>;
  /**
   * Makes what lies outside the consumer, such as a database or a bank, and outlives its crash: anew for each story.
   * It says by `effect(name)` that something happened which cannot be taken back; so may a step of the handler itself, by
   * `steps.effect(name)`.
   */
  readonly world: (effect: (name: string) => void) => W;
  /** What the message says. Default "". */
  readonly body?: string;
  /** At most so many orders of two concurrent deliveries, those with the fewest switches first. Default 300. */
  readonly maxOrders?: number;
  /** As for `simulateAsync`. Default `refuse`. */
  readonly realWorld?: "refuse" | "allow";
}

/** One way the message can fare. */
export interface CrashStory {
  /** `crash`: the consumer dies once; `concurrent`: the message times out while it is handled, and is handled twice at once. */
  readonly kind: "undisturbed" | "crash" | "concurrent";
  /** In plain words. */
  readonly text: string;
  /** What was done, in order, with the number of the delivery: `1 charge`, `crash`, `2 charge`. */
  readonly trace: readonly string[];
  /** How often each effect happened. */
  readonly effects: Readonly<Record<string, number>>;
}

/** A story that shows something, with its run: `renderReport(run)` draws it. */
export interface CrashWitness {
  readonly story: CrashStory;
  readonly run: Run;
}

/** What can become of one effect. */
export interface EffectFinding {
  readonly effect: string;
  readonly fewest: number;
  readonly most: number;
  /** The first story in which it happens more than once; null: there is none. */
  readonly twice: CrashWitness | null;
  /** The first story in which it never happens, although it does in the undisturbed one. */
  readonly never: CrashWitness | null;
}

export interface CrashPoints {
  /** Of the undisturbed story. */
  readonly steps: readonly string[];
  /** In the order of their first occurrence. */
  readonly effects: readonly EffectFinding[];
  readonly stories: readonly CrashStory[];
  /** False: there are more orders of concurrent deliveries than were tried. */
  readonly complete: boolean;
}

/** The handler fails even when nothing goes wrong, so that nothing can be said of it. */
export class CrashPointsError extends Error {
  override readonly name = "CrashPointsError";
}

const DEFAULT_MAX_ORDERS = 300;
const MIN_MSG_TIMEOUT_MS = 1_000;
const RESTART_AFTER_MS = 10;
/** nsqd's own default. */
const MAX_MSG_TIMEOUT_MS = 900_000;

/**
 * Tries a handler against one message and everything that at-least-once delivery can do to it: the consumer dies before
 * each step and after the last one, and gets the message again; or the message times out while it is handled, and two
 * deliveries of it take their steps in every order. Each story is a simulated run with a world of its own.
 *
 * @throws CrashPointsError when the handler fails in the undisturbed story
 * @throws DeterminismError when the handler asks for the real time, chance or a timer
 */
export async function findCrashPoints<W>(options: CrashPointsOptions<W>): Promise<CrashPoints> {
  const first = await tell(options, { kind: "undisturbed" }, MIN_MSG_TIMEOUT_MS, 0, []);
  const { steps, duration, failure } = first.director;
  if (failure !== null) throw new CrashPointsError(`the handler fails although nothing goes wrong: ${failure}`);
  const handlingMs = Math.ceil(duration) + 1;
  const msgTimeoutMs = Math.max(MIN_MSG_TIMEOUT_MS, 3 * handlingMs);
  const limit = options.maxOrders ?? DEFAULT_MAX_ORDERS;
  const plans: Plan[] = [];
  for (let position = 0; position <= steps.length; position += 1) plans.push({ kind: "crash", position });
  let found = 0;
  for (const order of orders(steps.length)) {
    found += 1;
    if (found > limit) break;
    plans.push({ kind: "concurrent", order });
  }
  const told = [first];
  // One after the other: the world of a story is its own, but a handler may not expect to be run twice at once.
  // oxlint-disable-next-line no-await-in-loop -- see above
  for (const plan of plans) told.push(await tell(options, plan, msgTimeoutMs, handlingMs, steps));
  return { steps, effects: findings(told), stories: told.map(({ story }) => story), complete: found <= limit };
}

interface Told extends CrashWitness {
  readonly director: Director;
}

async function tell<W>(
  options: CrashPointsOptions<W>,
  plan: Plan,
  msgTimeoutMs: number,
  handlingMs: number,
  steps: readonly string[],
): Promise<Told> {
  const effects: Record<string, number> = {};
  // Steps take turns: what happens is the doing of the delivery whose step it is.
  let acting: HandlerContext | null = null;
  const effect = (name = ""): void => {
    effects[name] = (effects[name] ?? 0) + 1;
    acting?.effect(name);
  };
  const world = options.world(effect);
  const director = new Director(plan, 3 * msgTimeoutMs);
  const bytes = new TextEncoder().encode(options.body ?? "");
  const handle = (message: HandlerMessage, context: HandlerContext): Promise<void> => {
    const { attempts, id } = message;
    const given: HandlerMessage = {
      body: bytes,
      text: options.body ?? "",
      attempts,
      id,
      finish: () => message.finish(),
      requeue: (delayMs) => message.requeue(delayMs),
      touch: () => message.touch(),
    };
    return director.direct(attempts, context, (step) => {
      const own: Steps = {
        ...context,
        effect,
        step: (name, act) =>
          step(name, () => {
            acting = context;
            return act();
          }),
      };
      return options.handler(given, own, world);
    });
  };
  const run = await simulateAsync(scenarioOf(plan, msgTimeoutMs, handlingMs), {
    handlers: { handler: handle },
    realWorld: options.realWorld ?? "refuse",
  });
  const { trace } = director;
  return { story: { kind: plan.kind, text: textOf(plan, trace, steps), trace, effects }, run, director };
}

function scenarioOf(plan: Plan, msgTimeoutMs: number, handlingMs: number): Scenario {
  const timeout = `${msgTimeoutMs}ms`;
  const crash = {
    trigger: { after: { kind: "handle", process: "consumer" }, delayMs: handlingMs },
    do: { kind: "kill", process: "consumer", restartAfterMs: RESTART_AFTER_MS },
  } as const;
  return {
    name: "crash-points",
    question: "Which effects of a handler can happen twice, or never?",
    seed: 1,
    durationMs: 1_000 + handlingMs + RESTART_AFTER_MS,
    recoveryMs: 600_000 + 10 * msgTimeoutMs,
    nsqd: [
      {
        name: "nsqd1",
        options: { "msg-timeout": timeout, "max-msg-timeout": `${Math.max(msgTimeoutMs, MAX_MSG_TIMEOUT_MS)}ms` },
      },
    ],
    producers: [
      { name: "producer", nsqd: ["nsqd1"], workload: [{ topic: "work", startMs: 100, count: 1, everyMs: 0 }] },
    ],
    consumers: [
      {
        name: "consumer",
        nsqd: ["nsqd1"],
        topic: "work",
        channel: "handler",
        maxInFlight: 2,
        config: { msg_timeout: timeout, default_requeue_delay: "100ms", max_backoff_duration: "0s" },
        handler: { use: "handler" },
      },
    ],
    ...(plan.kind === "crash" ? { faults: [crash] } : {}),
  };
}

function textOf(plan: Plan, trace: readonly string[], steps: readonly string[]): string {
  if (plan.kind === "undisturbed") return "nothing goes wrong";
  if (plan.kind === "concurrent")
    return `the message times out, and two deliveries are handled at once: ${trace.join(", ")}`;
  const done = plan.position === 0 ? "" : ` after "${steps[plan.position - 1]}",`;
  const next = plan.position === steps.length ? "its FIN" : `"${steps[plan.position]}"`;
  return `the consumer dies${done} before ${next}, and gets the message again`;
}

function findings(told: readonly Told[]): EffectFinding[] {
  const names = new Set(told.flatMap(({ story }) => Object.keys(story.effects)));
  return [...names].map((effect) => {
    const counts = told.map(({ story }) => story.effects[effect] ?? 0);
    const witness = (index: number): CrashWitness | null =>
      index === -1 ? null : { story: told[index]!.story, run: told[index]!.run };
    return {
      effect,
      fewest: Math.min(...counts),
      most: Math.max(...counts),
      twice: witness(counts.findIndex((count) => count > 1)),
      never: counts[0] === 0 ? null : witness(counts.indexOf(0)),
    };
  });
}
