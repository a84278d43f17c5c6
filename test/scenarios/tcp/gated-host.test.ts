import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ByteStream, StreamEvents } from "../../../core/host.ts";
import { createNodeHost } from "../../../core/node/host.ts";
import { randomStream } from "../../../core/random.ts";
import { MILLISECOND } from "../../../core/time.ts";
import { GatedHost } from "../../../scenarios/tcp/gated-host.ts";
import { RealLink } from "../../../scenarios/tcp/link.ts";

let server: Server;
let link: RealLink;
let host: GatedHost;
let log: string[];

beforeEach(async () => {
  log = [];
  server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const nsqdAddress = (): { host: string; port: number } => ({ host: "127.0.0.1", port });
  link = new RealLink({ client: "c1", nsqdAddress, onUnit: () => undefined, random: randomStream(1, "link") });
  await link.listen();
  const inner = createNodeHost({ name: "test", log: () => undefined });
  host = new GatedHost(inner, "c1", 0, 0, { seed: 7, link: () => link, httpAddress: () => "" });
});

afterEach(() => {
  host.kill();
  link.close();
  server.close();
});

const events: StreamEvents = {
  opened: () => void log.push("opened"),
  data: (bytes) => void log.push(`data ${Buffer.from(bytes).toString("latin1")}`),
  ended: () => void log.push("ended"),
  closed: (cause) => void log.push(`closed ${cause}`),
};

async function connected(): Promise<{ stream: ByteStream; nsqd: Socket }> {
  const accepted = once(server, "connection");
  const stream = host.connect("nsqd1", events);
  const [nsqd] = (await accepted) as [Socket];
  while (!log.includes("opened")) await sleep(1);
  return { stream, nsqd };
}

async function logged(count: number): Promise<string[]> {
  while (log.length < count) await sleep(1);
  return log;
}

describe("a gated host", () => {
  test("while it is frozen nothing enters the program; then everything does, in order", async () => {
    const { nsqd } = await connected();
    host.freeze();
    nsqd.write("one");
    host.timer(host.now() + 5 * MILLISECOND, () => log.push("timer"));
    host.endOfStep(() => log.push("end of step"));
    await sleep(30);
    expect(log).toEqual(["opened"]);
    host.thaw();
    expect(await logged(4)).toEqual(["opened", "end of step", "timer", "data one"]);
  });

  test("a blocked step goes on before anything that waited", async () => {
    const { nsqd } = await connected();
    host.block(30 * MILLISECOND, () => log.push("work done"));
    nsqd.write("one");
    await sleep(10);
    expect(log).toEqual(["opened"]);
    expect(await logged(3)).toEqual(["opened", "work done", "data one"]);
  });

  test("a killed program runs no more, and its peers see its sockets closed", async () => {
    const { nsqd } = await connected();
    nsqd.resume();
    const ended = once(nsqd, "end");
    host.timer(host.now() + 5 * MILLISECOND, () => log.push("timer"));
    host.endOfStep(() => log.push("end of step"));
    host.kill();
    await ended;
    nsqd.write("one");
    await sleep(20);
    expect(log).toEqual(["opened"]);
  });

  test("a timer that is cancelled while it waits behind the gate does not fire", async () => {
    host.freeze();
    const timer = host.timer(host.now() + MILLISECOND, () => log.push("timer"));
    await sleep(10);
    timer.cancel();
    host.thaw();
    await sleep(5);
    expect(log).toEqual([]);
  });

  test("a connect is refused, hangs or is given up as without a proxy", async () => {
    link.from("c1").block();
    const hanging = host.connect("nsqd1", events);
    await sleep(10);
    expect(log).toEqual([]);
    hanging.destroy();
    expect(await logged(1)).toEqual(["closed destroyed"]);
    link.from("c1").unblock();
    server.close();
    host.connect("nsqd1", events);
    expect(await logged(2)).toEqual(["closed destroyed", "closed refused"]);
  });
});
