/** A little that unpacks to a lot: it costs time, shared with the neighbours, and no memory. */
import net from "node:net";
import zlib from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SnappyEncoder } from "../../core/protocol/snappy/framing.ts";
import { bytesOf } from "../../core/protocol/text.ts";
import { identify } from "../core/nsqd/fake-host.ts";
import { Neighbours, pause } from "./neighbours.ts";
import { Served } from "./served.ts";

const MIB = 1024 * 1024;

let served: Served;

beforeEach(async () => {
  served = await Served.start();
});

afterEach(() => served.stop());

function snappy(bytes: Uint8Array): Uint8Array {
  return new SnappyEncoder().encode(bytes);
}

test.each([
  // Node's own decompression leaves garbage, about 40 MB of it however much there is to unpack.
  ["deflate", zlib.deflateRawSync, 64 * MIB, 56 * MIB],
  ["snappy", snappy, 32 * MIB, 20 * MIB],
])("%s", async (layer, compress, bytes, mostGrowth) => {
  const packed = compress(Buffer.alloc(bytes, "NOP\n"));
  expect(packed.length).toBeLessThan(bytes / 15);
  const neighbours = new Neighbours(served.tcp);
  await neighbours.atWork();
  const before = await served.residentAfterCollection();
  const socket = net.connect({ host: "127.0.0.1", port: served.tcpPort });
  socket.on("error", () => {});
  let answers = "";
  socket.on("data", (bytes: Buffer) => (answers += bytes.toString("latin1")));
  const ended = new Promise((resolve) => socket.once("close", resolve));
  socket.write(bytesOf(`  V2${identify({ feature_negotiation: true, [layer]: true })}`));
  while (!answers.includes(`"${layer}":true`)) await pause(2);
  socket.write(packed);
  // Behind all of it: the connection ends when everything was unpacked and read.
  socket.end();
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, served.resident)), 20);
  await ended;
  clearInterval(watch);
  const { worstMs } = await neighbours.stop();
  expect(worstMs).toBeLessThan(2000);
  expect(peak - before).toBeLessThan(mostGrowth);
});
