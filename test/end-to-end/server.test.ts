/** `nsqlab/server`: a broker inside the process that uses it. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { createProducer } from "../../core/node/client.ts";
import { HostError, OptionError, startServer } from "../../core/node/server.ts";

test("several run side by side on ports of their own, and know nothing of each other", async () => {
  const servers = await Promise.all([startServer(), startServer()]);
  const [first, second] = servers;
  expect(first.tcpAddress).toMatch(/^127\.0\.0\.1:\d+$/);
  expect(new Set(servers.flatMap((server) => [server.tcpAddress, server.httpAddress])).size).toBe(4);
  const producer = createProducer({ address: first.tcpAddress });
  await producer.publish("t", "x");
  expect(first.stats().topics).toMatchObject([{ topic_name: "t", depth: 1 }]);
  expect(second.stats().topics).toEqual([]);
  await producer.close();
  await Promise.all(servers.map((server) => server.close()));
});

test("what stats() says is what HTTP says", async () => {
  const server = await startServer();
  const response = await fetch(`http://${server.httpAddress}/stats?format=json&include_mem=false`);
  expect(await response.json()).toEqual(server.stats());
  await server.close();
});

test("closing drops the clients, frees the ports, and may be asked twice", async () => {
  const server = await startServer();
  const [host, port] = server.tcpAddress.split(":");
  const client = net.connect(Number(port), host);
  await new Promise((resolve) => client.once("connect", resolve));
  const closed = new Promise((resolve) => client.once("close", resolve));
  client.resume();
  await Promise.all([server.close(), server.close()]);
  await closed;
  const again = await startServer({ flags: { "tcp-address": server.tcpAddress, "http-address": server.httpAddress } });
  expect(again.tcpAddress).toBe(server.tcpAddress);
  await again.close();
});

test("without HTTP there is no address for it", async () => {
  const server = await startServer({ flags: { "http-address": "" } });
  expect(server.httpAddress).toBe("");
  await server.close();
});

test("nothing is written to disk, unless a data path is given", async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), "nsqlab-server-"));
  const server = await startServer({ flags: { "data-path": folder } });
  const producer = createProducer({ address: server.tcpAddress });
  await producer.publish("t", "x");
  await producer.close();
  await server.close();
  expect(await readFile(path.join(folder, "nsqd.dat"), "utf8")).toContain('"name":"t"');
  await rm(folder, { recursive: true });
});

test("flags are checked; a busy port is an error with its code", async () => {
  await expect(startServer({ flags: { "mem-queue-sise": 1 } })).rejects.toThrow(OptionError);
  await expect(startServer({ flags: { "msg-timeout": 5 } })).rejects.toThrow(/expected a duration/);
  const server = await startServer();
  const busy = startServer({ flags: { "tcp-address": server.tcpAddress } });
  await expect(busy).rejects.toThrow(HostError);
  await expect(busy).rejects.toMatchObject({ code: "EADDRINUSE" });
  await server.close();
});

test("log lines go where they are sent, from the level asked for", async () => {
  const lines: string[] = [];
  const log = (level: string, message: string): void => void lines.push(`${level} ${message}`);
  const server = await startServer({ log, flags: { "log-level": "warn" } });
  await fetch(`http://${server.httpAddress}/config/log_level`, { method: "PUT", body: "info" });
  await fetch(`http://${server.httpAddress}/topic/create?topic=t`, { method: "POST" });
  expect(lines[0]).toMatch(/^info 200 PUT \/config\/log_level \(127\.0\.0\.1:\d+\) \d/);
  expect(lines).toContainEqual(expect.stringMatching(/^info 200 POST \/topic\/create\?topic=t /));
  await server.close();
});
