import { assert, unreachable } from "../../core/assert.ts";
import type { Random } from "../../core/random.ts";
import type { Choice, Chosen } from "./choices.ts";

/** One value of the space, drawn from the stream. */
export function draw<C extends Choice>(choice: C, random: Random): Chosen<C> {
  return drawAny(choice, random) as Chosen<C>;
}

function drawAny(choice: Choice, random: Random): unknown {
  switch (choice.kind) {
    case "whole":
      return random.integer(choice.min, choice.max);
    case "one-of":
      return pick(choice.values, random);
    case "maybe":
      return random.chance(choice.percent, 100) ? drawAny(choice.of, random) : null;
    case "list":
      return Array.from({ length: random.integer(choice.min, choice.max) }, () => drawAny(choice.of, random));
    case "subset":
      return drawSubset(choice.values, random);
    case "record":
      return Object.fromEntries(
        Object.entries(choice.fields).map(([name, field]) => [name, drawAny(field, random)] as const),
      );
    default:
      return unreachable(choice);
  }
}

function pick(values: readonly unknown[], random: Random): unknown {
  assert(values.length > 0, "nothing to pick from");
  return values[random.integer(0, values.length - 1)];
}

/** The size is drawn first: few and many kinds of weather are as likely as some. */
function drawSubset(values: readonly unknown[], random: Random): unknown[] {
  let wanted = random.integer(0, values.length);
  let left = values.length;
  const taken: unknown[] = [];
  for (const value of values) {
    if (random.chance(wanted, left)) {
      taken.push(value);
      wanted -= 1;
    }
    left -= 1;
  }
  return taken;
}
