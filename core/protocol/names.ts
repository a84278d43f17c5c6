/** Longest topic or channel name, in bytes, `#ephemeral` included (protocol §3). */
const MAX_NAME_LENGTH = 64;

const EPHEMERAL_SUFFIX = "#ephemeral";
const NAME = /^[.a-zA-Z0-9_-]+(#ephemeral)?$/;

/** Whether `name` may name a topic or a channel. */
export function isValidName(name: string): boolean {
  return name.length >= 1 && name.length <= MAX_NAME_LENGTH && NAME.test(name);
}

/** Whether a (valid) name is that of an ephemeral topic or channel. */
export function isEphemeral(name: string): boolean {
  return name.endsWith(EPHEMERAL_SUFFIX);
}
