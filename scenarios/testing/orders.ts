/** Number of the delivery that takes each step. */
export type Order = readonly (1 | 2)[];

/**
 * Every order in which two deliveries can take `steps` steps each: (2n)! / n!² of them, those with the fewest switches
 * from one to the other first.
 */
export function* orders(steps: number): IterableIterator<Order> {
  for (let blocks = 2; blocks <= 2 * steps; blocks += 1) {
    for (const first of [1, 2] as const) {
      for (const ones of compositions(steps, Math.ceil(blocks / 2)))
        for (const others of compositions(steps, Math.floor(blocks / 2))) yield inTurn(first, ones, others);
    }
  }
}

/** Every way to write a number as a sum of so many numbers above 0. */
function* compositions(sum: number, parts: number): IterableIterator<readonly number[]> {
  if (parts === 1) yield [sum];
  else {
    for (let first = 1; first <= sum - (parts - 1); first += 1)
      for (const rest of compositions(sum - first, parts - 1)) yield [first, ...rest];
  }
}

/** The blocks of the one who begins, and those of the other, one by one. */
function inTurn(first: 1 | 2, ones: readonly number[], others: readonly number[]): Order {
  const other = first === 1 ? 2 : 1;
  return ones.flatMap((length, index) => [
    ...Array<1 | 2>(length).fill(first),
    ...Array<1 | 2>(others[index] ?? 0).fill(other),
  ]);
}
