/** Our own mistake: an invariant of nsqlab does not hold. Never raised for bad input from a peer or a user. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/**
 * Stops at once when an invariant of ours does not hold. Stays on in production, so on hot paths the message is a
 * constant: a template would be put together every time.
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Marks a branch that the types say cannot be reached. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable: ${String(value)}`);
}
