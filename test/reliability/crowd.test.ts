/** Very many connections: those that do nothing, and those that come and go as fast as they can. */
import net from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { identifyCommands } from "../../scenarios/bench/load/wire.ts";
import { Neighbours, pause } from "./neighbours.ts";
import { Served } from "./served.ts";

/** CROWD=5000 for the whole crowd. */
const CROWD = Number(process.env["CROWD"] ?? 1000);
const FLOOD_MS = Number(process.env["FLOOD_MS"] ?? 700);
/** 5,000 idle connections in 150 MB. */
const MOST_BYTES_EACH = (150 * 1024 * 1024) / 5000;
/** Connections that are opened at the same time. */
const AT_ONCE = 64;

let served: Served;
let neighbours: Neighbours;

beforeEach(async () => {
  served = await Served.start();
  neighbours = new Neighbours(served.tcp);
  await neighbours.atWork();
});

afterEach(async () => {
  await served.stop();
});

/** Connects and says who it is; it is answered. */
function idler(port: number): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: "127.0.0.1", port }, () => void socket.write(identifyCommands()));
    socket.once("error", reject);
    socket.once("data", () => resolve(socket));
  });
}

test("idle connections cost 30 KB each, and all of it is for somebody else afterwards", async () => {
  // A small crowd first: what is there once, and not for each, is paid for.
  const first = await Promise.all(Array.from({ length: AT_ONCE }, () => idler(served.tcpPort)));
  const before = await served.residentAfterCollection();
  await pause(50);
  const { sockets } = served;
  const crowd: net.Socket[] = [];
  while (crowd.length < CROWD) {
    crowd.push(...(await Promise.all(Array.from({ length: AT_ONCE }, () => idler(served.tcpPort)))));
  }
  expect(served.sockets).toBe(sockets + crowd.length);
  const each = ((await served.residentAfterCollection()) - before) / crowd.length;
  expect(each).toBeLessThan(MOST_BYTES_EACH);
  for (const socket of [...first, ...crowd]) socket.destroy();
  for (let waitedMs = 0; served.sockets > sockets - first.length && waitedMs < 5000; waitedMs += 20) await pause(20);
  expect(served.sockets).toBe(sockets - first.length);
  await neighbours.stop();
});

/** Opens, says something and goes, over and over; returns how often. */
async function flood(port: number, until: number): Promise<number> {
  let count = 0;
  while (performance.now() < until) {
    await new Promise((resolve) => {
      const socket = net.connect({ host: "127.0.0.1", port }, () => {
        socket.write(identifyCommands());
        if (count % 2 === 0) socket.resetAndDestroy();
        else socket.destroySoon();
      });
      socket.on("error", () => {});
      socket.on("close", resolve);
      socket.resume();
    });
    count += 1;
  }
  return count;
}

test("a flood of connections does not stop who is connected already", async () => {
  const { sockets } = served;
  const began = neighbours.published;
  const until = performance.now() + FLOOD_MS;
  const floods = await Promise.all(Array.from({ length: AT_ONCE }, () => flood(served.tcpPort, until)));
  const during = neighbours.published - began;
  const { worstMs } = await neighbours.stop();
  expect(floods.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(AT_ONCE);
  expect(during).toBeGreaterThan(FLOOD_MS / 100);
  expect(worstMs).toBeLessThan(2500);
  await pause(100);
  expect(served.sockets).toBeLessThanOrEqual(sockets);
});
