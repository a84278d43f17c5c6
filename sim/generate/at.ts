/** The one of a list that a number means: never out of range. */
export function at<T>(values: readonly T[], index: number): T {
  return values[index % values.length]!;
}
