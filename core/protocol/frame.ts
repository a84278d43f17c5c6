/**
 * Frames from server to client: `[size][type][data]`, integers big-endian (protocol §2). A message's data is
 * `[timestamp ns: 8][attempts: 2][id: 16][body]`.
 */
export const FRAME_RESPONSE = 0;
export const FRAME_ERROR = 1;
export const FRAME_MESSAGE = 2;

/** Size and type. */
export const FRAME_HEADER = 8;
export const TIMESTAMP_AT = 8;
export const ATTEMPTS_AT = TIMESTAMP_AT + 8;
export const ID_AT = ATTEMPTS_AT + 2;
export const ID_LENGTH = 16;
/** Everything of a message frame before the body. */
export const MESSAGE_HEADER = ID_AT + ID_LENGTH;

/** "  V2": what a client sends first (protocol §1), as an int32. */
export const MAGIC_V2 = 0x20205632;

export function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Unsigned. */
export function readUint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** A whole response or error frame. `text` is a byte string. */
export function textFrame(type: number, text: string): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER + text.length);
  writeUint32(bytes, 0, text.length + 4);
  writeUint32(bytes, 4, type);
  for (let at = 0; at < text.length; at += 1) bytes[FRAME_HEADER + at] = text.charCodeAt(at);
  return bytes;
}
