import { int32 } from "../core/nsqd/fake-host.ts";
import type { Draw } from "./draw.ts";

type Mutation = (text: string, draw: Draw) => string;

/** Where something happens, and how far it reaches. */
function span(text: string, draw: Draw): [start: number, end: number] {
  const start = draw.integer(0, text.length);
  return [start, Math.min(text.length, start + draw.integer(1, draw.once(4) ? 200 : 8))];
}

const MUTATIONS: readonly Mutation[] = [
  // Flips a bit.
  (text, draw) => {
    const at = draw.integer(0, Math.max(0, text.length - 1));
    const flipped = String.fromCharCode((text.charCodeAt(at) || 0) ^ (1 << draw.integer(0, 7)));
    return text.slice(0, at) + flipped + text.slice(at + 1);
  },
  // Leaves something out.
  (text, draw) => {
    const [start, end] = span(text, draw);
    return text.slice(0, start) + text.slice(end);
  },
  // Says something twice.
  (text, draw) => {
    const [start, end] = span(text, draw);
    return text.slice(0, end) + text.slice(start);
  },
  // Puts something in between.
  (text, draw) => {
    const at = draw.integer(0, text.length);
    return text.slice(0, at) + draw.oddText() + text.slice(at);
  },
  // Overwrites four bytes with a number.
  (text, draw) => {
    const at = draw.integer(0, text.length);
    return text.slice(0, at) + int32(draw.int32()) + text.slice(at + 4);
  },
  // Stops early.
  (text, draw) => text.slice(0, draw.integer(0, text.length)),
  // Puts an end before a beginning.
  (text, draw) => {
    const at = draw.integer(0, text.length);
    return text.slice(at) + text.slice(0, at);
  },
];

/** The text with a few things wrong. */
export function mutate(text: string, draw: Draw): string {
  let mutated = text;
  for (let left = draw.integer(1, 4); left > 0; left -= 1) mutated = draw.pick(MUTATIONS)(mutated, draw);
  return mutated;
}

/** As meant, damaged, or never meant as anything. */
export function spoil(text: string, draw: Draw): string {
  const how = draw.integer(0, 9);
  if (how < 5) return text;
  return how < 9 ? mutate(text, draw) : draw.bytes(2000);
}
