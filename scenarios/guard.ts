import { AsyncLocalStorage } from "node:async_hooks";

/** Code that must be a function of its scenario asked the real world for time, chance or a callback. */
export class DeterminismError extends Error {
  override readonly name = "DeterminismError";
  /** What was called: `Date.now`, `new Date`, `setTimeout`, … */
  readonly call: string;

  constructor(call: string, instead: string) {
    super(`${call}() was called in a simulated run, which would then differ from time to time; ${instead}`);
    this.call = call;
  }
}

type Callable = (...args: unknown[]) => unknown;

const CLOCK = "virtual time is context.now()";
const CHANCE = "random numbers come from context.random";
const LATER = "virtual time passes with context.sleep(ms)";

/** A global function that a simulated run must not call. */
interface Forbidden {
  /** Looked up at each run: fake timers of a test library come and go. */
  readonly owner: () => object;
  readonly name: string;
  readonly call: string;
  readonly instead: string;
  /** Does no harm in asynchronous handlers: their microtasks run in order, while virtual time stands still. */
  readonly isMicrotask?: true;
}

const FORBIDDEN: readonly Forbidden[] = [
  { owner: () => Date, name: "now", call: "Date.now", instead: CLOCK },
  { owner: () => performance, name: "now", call: "performance.now", instead: CLOCK },
  { owner: () => Math, name: "random", call: "Math.random", instead: CHANCE },
  { owner: () => crypto, name: "getRandomValues", call: "crypto.getRandomValues", instead: CHANCE },
  { owner: () => crypto, name: "randomUUID", call: "crypto.randomUUID", instead: CHANCE },
  { owner: () => globalThis, name: "setTimeout", call: "setTimeout", instead: LATER },
  { owner: () => globalThis, name: "setInterval", call: "setInterval", instead: LATER },
  { owner: () => globalThis, name: "setImmediate", call: "setImmediate", instead: LATER },
  { owner: () => globalThis, name: "queueMicrotask", call: "queueMicrotask", instead: LATER, isMicrotask: true },
];

/** One guarded run, and the first forbidden call in it. */
interface Watch {
  readonly isAsync: boolean;
  violation: DeterminismError | null;
}

/** The synchronous run under way. */
let running: Watch | null = null;
/** Which asynchronous run the current code belongs to: code beside it in the same process may do what it likes. */
const within = new AsyncLocalStorage<Watch | null>();
let asyncRuns = 0;
let guards = 0;
let restorers: (() => void)[] = [];

/**
 * Runs something synchronous in which the global clocks, random numbers and timers throw a {@link DeterminismError}.
 * They are as before afterwards, also when it throws. A forbidden call is reported even if its error was caught.
 */
export function guarded<T>(run: () => T): T {
  const watch: Watch = { isAsync: false, violation: null };
  const outer = running;
  install();
  running = watch;
  try {
    return honest(watch, run());
  } catch (error) {
    throw watch.violation ?? error;
  } finally {
    running = outer;
    uninstall();
  }
}

/** The same for something asynchronous, and for that alone: what else this process does meanwhile is not affected. */
export async function guardedAsync<T>(run: () => PromiseLike<T>): Promise<T> {
  const watch: Watch = { isAsync: true, violation: null };
  install();
  asyncRuns += 1;
  try {
    return honest(watch, await within.run(watch, run));
  } catch (error) {
    throw watch.violation ?? error;
  } finally {
    asyncRuns -= 1;
    // Following every promise of the process has its price.
    if (asyncRuns === 0) within.disable();
    uninstall();
  }
}

/** Steps out of the guarded run: for what belongs to the real world, such as writing a log. */
export function unguarded<T>(act: () => T): T {
  const watch = running;
  running = null;
  try {
    return asyncRuns === 0 ? act() : within.run(null, act);
  } finally {
    running = watch;
  }
}

function honest<T>(watch: Watch, result: T): T {
  if (watch.violation !== null) throw watch.violation;
  return result;
}

function refuse(call: string, instead: string, isMicrotask = false): void {
  const watch = running ?? (asyncRuns === 0 ? null : (within.getStore() ?? null));
  if (watch === null || (isMicrotask && watch.isAsync)) return;
  const error = new DeterminismError(call, instead);
  watch.violation ??= error;
  throw error;
}

function install(): void {
  guards += 1;
  if (guards > 1) return;
  const functions = FORBIDDEN.map((one) => poison(one));
  restorers = [...functions, poisonDate()];
}

function uninstall(): void {
  guards -= 1;
  if (guards > 0) return;
  for (const restore of restorers.reverse()) restore();
  restorers = [];
}

/** Replaces a global function. Returns what puts it back. */
function poison({ owner, name, call, instead, isMicrotask }: Forbidden): () => void {
  const holder = owner() as Record<string, Callable>;
  const real = holder[name]!;
  return replace(holder, name, function poisoned(this: unknown, ...args: unknown[]): unknown {
    refuse(call, instead, isMicrotask);
    return Reflect.apply(real, this, args);
  });
}

/** `new Date()` and `Date()` tell the time; `new Date(0)` does not. */
function poisonDate(): () => void {
  const poisoned = new Proxy(Date, {
    construct(target, args, newTarget) {
      if (args.length === 0) refuse("new Date", CLOCK);
      return Reflect.construct(target, args, newTarget) as object;
    },
    apply(target) {
      refuse("Date", CLOCK);
      return target();
    },
  });
  return replace(globalThis, "Date", poisoned);
}

function replace(holder: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(holder, name);
  Object.defineProperty(holder, name, {
    value,
    configurable: true,
    writable: true,
    enumerable: before?.enumerable ?? false,
  });
  return () => {
    // Somebody may have put something else there meanwhile, such as fake timers.
    if (Object.getOwnPropertyDescriptor(holder, name)?.value !== value) return;
    if (before === undefined) Reflect.deleteProperty(holder, name);
    else Object.defineProperty(holder, name, before);
  };
}
