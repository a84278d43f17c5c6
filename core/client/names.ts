const NAME = /^[.a-zA-Z0-9_-]+(#ephemeral)?$/;

/** Whether nsqd accepts it as the name of a topic or a channel (protocol §3). */
export function isValidName(name: string): boolean {
  return name.length >= 1 && name.length <= 64 && NAME.test(name);
}
