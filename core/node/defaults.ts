import { createHash } from "node:crypto";
import os from "node:os";
import { DEFAULT_OPTIONS, type NsqdOptions } from "../nsqd/options.ts";

/** nsqd's defaults on this machine: those that depend on the host name are filled in (nsqd-semantics §15). */
export function machineDefaults(): NsqdOptions {
  const hostname = os.hostname();
  const nodeId = crc32(createHash("md5").update(hostname).digest()) % 1024;
  return { ...DEFAULT_OPTIONS, nodeId, broadcastAddress: hostname };
}

/** CRC-32 (IEEE). */
function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
