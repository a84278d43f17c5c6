import { parseWholeNumber } from "../apps/body.ts";

/** Bytes of the length before each record (diskqueue §2.1). */
const LENGTH_BYTES = 4;
/** Bytes of a record before its body: timestamp, attempts, id. */
export const RECORD_HEADER_BYTES = 26;
const ATTEMPTS_AT = 8;
const ID_AT = 10;

/** One message in a data file. */
export interface ShadowRecord {
  readonly file: number;
  /** Where it begins and ends in the file, its length included. */
  readonly from: number;
  readonly to: number;
  readonly msg: number;
  readonly attempts: number;
  /** -1: it has no id, so that nsqd passes it over. */
  readonly idHigh: number;
  readonly idLow: number;
}

/**
 * Reads records from `from` on, none of them beyond `end`, into `into`. Returns where it stopped: at `end`, or at the
 * first byte that is not the beginning of a whole record of 26 to `most` bytes.
 */
export function readRecords(
  bytes: Uint8Array,
  file: number,
  from: number,
  end: number,
  most: number,
  into: ShadowRecord[],
): number {
  let at = from;
  for (;;) {
    const to = endOfRecord(bytes, at, end, most);
    if (to < 0) return at;
    into.push(recordAt(bytes, file, at, to));
    at = to;
  }
}

/** Looks for messages of a workload behind a damaged spot: wherever a whole record with a message number begins. */
export function searchRecords(bytes: Uint8Array, file: number, from: number, most: number, into: ShadowRecord[]): void {
  let at = from;
  while (at + LENGTH_BYTES + RECORD_HEADER_BYTES <= bytes.length) {
    const to = endOfRecord(bytes, at, bytes.length, most);
    const record = to < 0 ? null : recordAt(bytes, file, at, to);
    if (record !== null && record.msg > 0) into.push(record);
    at = record !== null && record.msg > 0 ? to : at + 1;
  }
}

/** Where the record at a position ends; -1: there is no whole one. */
function endOfRecord(bytes: Uint8Array, at: number, end: number, most: number): number {
  if (at + LENGTH_BYTES > end || end > bytes.length) return -1;
  const length = uint32(bytes, at) | 0;
  const to = at + LENGTH_BYTES + length;
  return length < RECORD_HEADER_BYTES || length > most || to > end ? -1 : to;
}

function recordAt(bytes: Uint8Array, file: number, from: number, to: number): ShadowRecord {
  const at = from + LENGTH_BYTES;
  return {
    file,
    from,
    to,
    msg: parseWholeNumber(bytes, at + RECORD_HEADER_BYTES, to),
    attempts: (bytes[at + ATTEMPTS_AT]! << 8) | bytes[at + ATTEMPTS_AT + 1]!,
    idHigh: hex32(bytes, at + ID_AT),
    idLow: hex32(bytes, at + ID_AT + 8),
  };
}

function uint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** Eight hexadecimal digits; -1 when they are none. */
function hex32(bytes: Uint8Array, at: number): number {
  const digits = String.fromCharCode(...bytes.subarray(at, at + 8));
  return /^[0-9a-f]{8}$/.test(digits) ? Number.parseInt(digits, 16) : -1;
}
