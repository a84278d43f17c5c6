import { emptyBody, numberBody } from "../../../sim/apps/body.ts";

/** Bytes of each record of {@link records}: length, header, body. */
export const RECORD_BYTES = 4 + 26 + 40;

/** A data file with these messages, byte for byte as diskqueue §2.1 has it. */
export function records(...messages: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(messages.length * RECORD_BYTES);
  for (const [index, msg] of messages.entries()) {
    const at = index * RECORD_BYTES;
    const view = new DataView(bytes.buffer, at);
    view.setInt32(0, RECORD_BYTES - 4);
    view.setBigInt64(4, 1_767_225_600_000_000_000n);
    view.setUint16(12, msg % 7);
    bytes.set(text(`0d1f${String(msg).padStart(12, "0")}`), at + 14);
    const body = emptyBody(40);
    numberBody(body, msg);
    bytes.set(body, at + 30);
  }
  return bytes;
}

export function text(content: string): Uint8Array {
  return Uint8Array.from(content, (char) => char.charCodeAt(0));
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
