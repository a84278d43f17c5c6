import {
  ATTEMPTS_AT,
  FRAME_MESSAGE,
  ID_AT,
  MESSAGE_HEADER,
  readUint32,
  TIMESTAMP_AT,
  writeUint32,
} from "../protocol/frame.ts";
import { writeHalf } from "../protocol/id.ts";
import { type Handle, type Lifetime, type Slab } from "../queue/slab.ts";
import type { IdGenerator, Timestamp } from "./guid.ts";

/*
 * A message at rest is its whole frame as it will be sent, attempts 0: a delivery copies it and puts the number of
 * attempts in. The number itself is kept by each channel.
 */

/** Room for a message with a body of that length (at least 1), its size and type written. */
export function beginMessage(slab: Slab, bodyLength: number, lifetime: Lifetime): Handle {
  const handle = slab.allocate(MESSAGE_HEADER + bodyLength, lifetime);
  const page = slab.page(handle);
  const at = slab.offset(handle);
  writeUint32(page, at, MESSAGE_HEADER - 4 + bodyLength);
  writeUint32(page, at + 4, FRAME_MESSAGE);
  return handle;
}

/** Writes what a message gets when it is accepted: time and id. */
export function sealMessage(slab: Slab, handle: Handle, time: Timestamp, id: IdGenerator): void {
  const page = slab.page(handle);
  const at = slab.offset(handle);
  writeUint32(page, at + TIMESTAMP_AT, time.high);
  writeUint32(page, at + TIMESTAMP_AT + 4, time.low);
  page[at + ATTEMPTS_AT] = 0;
  page[at + ATTEMPTS_AT + 1] = 0;
  writeHalf(page, at + ID_AT, id.high);
  writeHalf(page, at + ID_AT + 8, id.low);
}

/** Whether two messages of one id are copies of one message: a clock that was set back gives an id twice. */
export function isCopy(page: Uint8Array, at: number, otherPage: Uint8Array, otherAt: number): boolean {
  const length = frameLength(page, at);
  if (frameLength(otherPage, otherAt) !== length) return false;
  for (let index = TIMESTAMP_AT; index < length; index += 1) {
    const isCounter = index === ATTEMPTS_AT || index === ATTEMPTS_AT + 1;
    if (!isCounter && page[at + index] !== otherPage[otherAt + index]) return false;
  }
  return true;
}

/** Bytes of the whole frame at `offset`. */
export function frameLength(page: Uint8Array, offset: number): number {
  return readUint32(page, offset) + 4;
}
