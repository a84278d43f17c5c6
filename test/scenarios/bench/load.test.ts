import { afterAll, beforeAll, expect, test } from "vitest";
import { type Server, startServer } from "../../../core/node/server.ts";
import { endToEnd } from "../../../scenarios/bench/load/end-to-end.ts";
import { postOverHttp } from "../../../scenarios/bench/load/http.ts";
import { publish } from "../../../scenarios/bench/load/publish.ts";

let server: Server;

beforeAll(async () => {
  server = await startServer();
});

afterAll(() => server.close());

const LIMITS = { bodyBytes: 20, limitMs: 10_000 };

function port(address: string): number {
  return Number(address.slice(address.lastIndexOf(":") + 1));
}

function published(topic: string): number {
  return server.stats({ topic }).topics!.reduce((sum, each) => sum + each.message_count, 0);
}

test.each([
  { lines: 1, count: 100 },
  { lines: 7, count: 700 },
])("HTTP load of $lines lines a request publishes what it counts", async ({ lines, count }) => {
  const topic = `http_${lines}`;
  const http = { port: port(server.httpAddress), topic, connections: 4, lines, count, ...LIMITS };
  expect(await postOverHttp({ kind: "http", ...http })).toMatchObject({ messages: count });
  expect(published(topic)).toBe(count);
});

test("HTTP load fails when the broker refuses", async () => {
  const http = { port: port(server.httpAddress), topic: "no!", connections: 1, lines: 1, count: 1, ...LIMITS };
  await expect(postOverHttp({ kind: "http", ...http })).rejects.toThrow("INVALID_TOPIC");
});

test("load on many topics reaches each of them in turn", async () => {
  const shape = { connections: 2, window: 5, batch: 1, topics: 7, count: 70, ...LIMITS };
  await publish({ kind: "publish", port: port(server.tcpAddress), topic: "many", ...shape });
  const counts = ["0", "1", "2", "3", "4", "5", "6"].map((digit) => published(`many000${digit}`));
  expect(counts).toEqual([10, 10, 10, 10, 10, 10, 10]);
});

test("what is published end to end is consumed to the message", async () => {
  const shape = { window: 2, batch: 10, channel: "ch", rdy: 50, count: 500, ...LIMITS };
  const result = await endToEnd({ kind: "end-to-end", port: port(server.tcpAddress), topic: "through", ...shape });
  expect(result.messages).toBe(500);
  expect(server.stats({ topic: "through" }).topics![0]?.channels?.[0]).toMatchObject({ depth: 0, in_flight_count: 0 });
});
