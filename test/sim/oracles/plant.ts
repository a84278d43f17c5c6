type Method = (this: any, ...args: any[]) => any;

/** Replaces a method, private or not, of a class while `during` runs. */
export function withBug<T>(prototype: object, name: string, make: (original: Method) => Method, during: () => T): T {
  const before = Object.getOwnPropertyDescriptor(prototype, name)!;
  const original = before.value as Method;
  if (typeof original !== "function") throw new Error(`${name} is not a method`);
  Object.defineProperty(prototype, name, { ...before, value: make(original) });
  try {
    return during();
  } finally {
    Object.defineProperty(prototype, name, before);
  }
}
