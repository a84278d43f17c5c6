/** Castagnoli's polynomial, bits reversed. */
const POLYNOMIAL = 0x82f63b78;
const MASK_DELTA = 0xa282ead8;

/** Eight tables of 256: table k holds the remainders of a byte that is followed by k zero bytes. */
const TABLES = buildTables();

function buildTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
    tables[byte] = crc;
  }
  for (let at = 256; at < tables.length; at += 1) {
    const before = tables[at - 256]!;
    tables[at] = (before >>> 8) ^ tables[before & 255]!;
  }
  return tables;
}

/** CRC-32C of the bytes from `start` to before `end`; eight bytes at a time, four times as fast as one by one. */
export function crc32c(bytes: Uint8Array, start: number, end: number): number {
  const tables = TABLES;
  let crc = -1;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    crc =
      tables[1792 + ((crc ^ bytes[at]!) & 255)]! ^
      tables[1536 + (((crc >>> 8) ^ bytes[at + 1]!) & 255)]! ^
      tables[1280 + (((crc >>> 16) ^ bytes[at + 2]!) & 255)]! ^
      tables[1024 + ((crc >>> 24) ^ bytes[at + 3]!)]! ^
      tables[768 + bytes[at + 4]!]! ^
      tables[512 + bytes[at + 5]!]! ^
      tables[256 + bytes[at + 6]!]! ^
      tables[bytes[at + 7]!]!;
  }
  for (; at < end; at += 1) crc = (crc >>> 8) ^ tables[(crc ^ bytes[at]!) & 255]!;
  return ~crc >>> 0;
}

/** The checksum as snappy's framing format stores it: rotated and offset, as a CRC of data that holds CRCs is weak. */
export function maskedCrc32c(bytes: Uint8Array, start: number, end: number): number {
  const crc = crc32c(bytes, start, end);
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
}
