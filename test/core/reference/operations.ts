import type { Random } from "../../../core/random.ts";

/**
 * One thing that clients or an operator do. Numbers are choices among what there is when it happens, taken modulo, so
 * that any part of a list of operations is again a list of operations.
 */
export type Operation =
  | { readonly do: "publish"; readonly count: number; readonly delayMs: number }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "connect"; readonly channel: number; readonly kind: number }
  | { readonly do: "rdy"; readonly client: number; readonly count: number }
  | { readonly do: "finish" | "touch"; readonly client: number; readonly pick: number }
  | { readonly do: "requeue"; readonly client: number; readonly pick: number; readonly delayMs: number }
  /** FIN, REQ or TOUCH of a message that another client has, or nobody. */
  | { readonly do: "meddle"; readonly client: number; readonly pick: number; readonly verb: "FIN" | "REQ" | "TOUCH" }
  | { readonly do: "close" | "leave"; readonly client: number }
  | { readonly do: "pause" | "unpause" | "empty"; readonly channel: number }
  | { readonly do: "pause-topic" | "unpause-topic" | "empty-topic" };

const WEIGHTS: readonly (readonly [weight: number, make: (random: Random) => Operation])[] = [
  [24, (r) => ({ do: "publish", count: r.integer(1, 4), delayMs: pick(r, [0, 0, 0, 0, 1, 250, 900]) })],
  [18, (r) => ({ do: "wait", ms: pick(r, [0, 1, 7, 100, 400, 1100, 2600]) })],
  [3, (r) => ({ do: "connect", channel: r.integer(0, 7), kind: r.integer(0, 7) })],
  [8, (r) => ({ do: "rdy", client: r.integer(0, 7), count: pick(r, [0, 1, 1, 2, 5, 9]) })],
  [48, (r) => ({ do: "finish", client: r.integer(0, 7), pick: r.integer(0, 99) })],
  [5, (r) => ({ do: "touch", client: r.integer(0, 7), pick: r.integer(0, 99) })],
  [
    12,
    (r) => ({ do: "requeue", client: r.integer(0, 7), pick: r.integer(0, 99), delayMs: pick(r, [0, 0, 1, 400, 9000]) }),
  ],
  [
    4,
    (r) => ({ do: "meddle", client: r.integer(0, 7), pick: r.integer(0, 99), verb: pick(r, ["FIN", "REQ", "TOUCH"]) }),
  ],
  [2, (r) => ({ do: "close", client: r.integer(0, 7) })],
  [1, (r) => ({ do: "leave", client: r.integer(0, 7) })],
  [1, (r) => ({ do: "pause", channel: r.integer(0, 7) })],
  [3, (r) => ({ do: "unpause", channel: r.integer(0, 7) })],
  [0.2, (r) => ({ do: "empty", channel: r.integer(0, 7) })],
  [1, () => ({ do: "pause-topic" })],
  [3, () => ({ do: "unpause-topic" })],
  [0.2, () => ({ do: "empty-topic" })],
];

const TOTAL = WEIGHTS.reduce((sum, [weight]) => sum + weight, 0);

export function drawOperation(random: Random): Operation {
  let left = random.unit() * TOTAL;
  for (const [weight, make] of WEIGHTS) {
    left -= weight;
    if (left < 0) return make(random);
  }
  return { do: "wait", ms: 1 };
}

function pick<T>(random: Random, values: readonly T[]): T {
  return values[random.integer(0, values.length - 1)]!;
}
