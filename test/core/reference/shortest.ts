/**
 * The shortest list found that still fails: delta debugging, pieces of falling size left out one after the other.
 *
 * @param fails whether a part of the list still fails
 */
export function shortest<T>(list: readonly T[], fails: (part: readonly T[]) => boolean): readonly T[] {
  let best = list;
  for (let size = Math.ceil(best.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = best.length - size; from > -size; from -= size) {
      const part = [...best.slice(0, Math.max(0, from)), ...best.slice(from + size)];
      if (part.length < best.length && fails(part)) best = part;
    }
  }
  return best;
}
