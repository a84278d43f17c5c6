import { readUint32 } from "../../core/protocol/frame.ts";
import type { Random } from "../../core/random.ts";
import { LENGTH_BYTES } from "../../core/storage/batch.ts";
import { RECORD_HEADER_BYTES } from "../shadow/records.ts";
import type { Directory } from "./directory.ts";

/** Where the records of disk queues are (diskqueue §2). */
const DATA_FILE = /\.diskqueue\.\d{6,}\.dat$/;

/** A bit that turned over. */
export interface Rot {
  readonly name: string;
  readonly byte: number;
}

/** Bytes that may rot. */
interface Spot {
  readonly name: string;
  readonly from: number;
  readonly length: number;
}

/**
 * Turns over so many bits of lengths and bodies of records. Returns which; none: there are no records. Not of the header
 * between the two: a message with another id, or more attempts, cannot be told from another message.
 */
export function rotRecords(directory: Directory, bits: number, random: Random): Rot[] {
  const spots = spotsOf(directory);
  const size = spots.reduce((sum, spot) => sum + spot.length, 0);
  const rots: Rot[] = [];
  for (let count = 0; count < (size > 0 ? bits : 0); count += 1) {
    let offset = random.integer(0, size - 1);
    const spot = spots.find(({ length }) => {
      if (offset < length) return true;
      offset -= length;
      return false;
    })!;
    const rot = { name: spot.name, byte: spot.from + offset };
    directory.find(rot.name)!.flip(rot.byte, random.integer(0, 7));
    rots.push(rot);
  }
  return rots;
}

/** Whether there is a record that could be damaged. */
export function hasRecords(directory: Directory): boolean {
  return spotsOf(directory).length > 0;
}

function spotsOf(directory: Directory): Spot[] {
  const names = directory.names().filter((name) => DATA_FILE.test(name));
  return names.flatMap((name) => spotsIn(name, directory.find(name)!.copy()));
}

/** The lengths and the bodies in a data file, as far as its records can be followed. */
function spotsIn(name: string, bytes: Uint8Array): Spot[] {
  const spots: Spot[] = [];
  for (let from = 0; from + LENGTH_BYTES <= bytes.length;) {
    const size = readUint32(bytes, from);
    const end = from + LENGTH_BYTES + size;
    if (size < RECORD_HEADER_BYTES || end > bytes.length) break;
    const body = from + LENGTH_BYTES + RECORD_HEADER_BYTES;
    spots.push({ name, from, length: LENGTH_BYTES }, { name, from: body, length: end - body });
    from = end;
  }
  return spots;
}
