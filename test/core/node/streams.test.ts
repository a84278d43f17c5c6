import net from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { type ByteStream, type CloseCause, type Host, HostError, type StreamEvents } from "../../../core/host.ts";
import { createNodeHost } from "../../../core/node/host.ts";

const host: Host = createNodeHost({ log: () => {} });

interface Accepted {
  readonly stream: ByteStream;
  /** What happened, in order: data as text. */
  readonly events: string[];
  readonly closed: Promise<CloseCause>;
}

function ignore(_cause: CloseCause): void {}

interface Served {
  readonly address: string;
  readonly port: number;
  next(): Promise<Accepted>;
  close(): void;
}

/** A listener that hands out its connections one by one. */
async function serve(address = "127.0.0.1:0"): Promise<Served> {
  const waiting: ((accepted: Accepted) => void)[] = [];
  const arrived: Accepted[] = [];
  return new Promise((resolve, reject) => {
    const listener = host.listen(
      address,
      (stream) => {
        let closed = ignore;
        const accepted: Accepted = {
          stream,
          events: [],
          closed: new Promise((done) => (closed = done)),
        };
        const taker = waiting.shift();
        if (taker === undefined) arrived.push(accepted);
        else taker(accepted);
        return {
          data: (bytes) => {
            accepted.events.push(Buffer.from(bytes).toString("latin1"));
          },
          ended: () => accepted.events.push("(end)"),
          drained: () => accepted.events.push("(drained)"),
          closed: (cause) => {
            accepted.events.push(`(${cause})`);
            closed(cause);
          },
        };
      },
      (result) => {
        if (result instanceof HostError) return reject(result);
        return resolve({
          address: result.address,
          port: Number(result.address.split(":").at(-1)),
          next: () => {
            const accepted = arrived.shift();
            return accepted === undefined ? new Promise((taker) => waiting.push(taker)) : Promise.resolve(accepted);
          },
          close: () => listener.close(),
        });
      },
    );
  });
}

function dial(port: number): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true }, () => resolve(socket));
    socket.on("error", reject);
  });
}

function until(condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (condition()) resolve();
      else setImmediate(look);
    };
    look();
  });
}

describe("accepted streams", () => {
  test("bytes come whole and in order, a half-closed peer can still be answered, closed comes last and once", async () => {
    const server = await serve();
    const client = await dial(server.port);
    const accepted = await server.next();
    const received: string[] = [];
    client.on("data", (bytes) => received.push(bytes.toString("latin1")));
    client.end("hello");
    await until(() => accepted.events.includes("(end)"));
    accepted.stream.write(Buffer.from("late answer"));
    accepted.stream.end();
    expect(await accepted.closed).toBe("ended");
    expect(accepted.events).toEqual(["hello", "(end)", "(ended)"]);
    await until(() => received.join("") === "late answer");
    server.close();
  });

  test("addresses are those of the connection", async () => {
    const server = await serve();
    const client = await dial(server.port);
    const { stream } = await server.next();
    expect(stream.remoteAddress).toBe(`127.0.0.1:${client.localPort}`);
    expect(stream.localAddress).toBe(server.address);
    client.destroy();
    server.close();
  });

  test("a reset by the peer, and our own destroy, are told apart", async () => {
    const server = await serve();
    const resetter = await dial(server.port);
    const first = await server.next();
    resetter.resetAndDestroy();
    expect(await first.closed).toBe("reset");
    const other = await dial(server.port);
    const second = await server.next();
    second.stream.destroy();
    expect(await second.closed).toBe("destroyed");
    expect(second.stream.write(Buffer.from("too late"))).toBe(true);
    other.destroy();
    server.close();
  });

  test("a peer that does not read makes write say so; drained comes when everything has left", async () => {
    const server = await serve();
    const client = await dial(server.port);
    client.pause();
    const accepted = await server.next();
    const chunk = Buffer.alloc(256 * 1024, "x");
    let sent = 0;
    for (let more = true; more; sent += chunk.length) more = accepted.stream.write(chunk);
    expect(accepted.stream.unsentBytes).toBeGreaterThan(0);
    expect(accepted.events).toEqual([]);
    let received = 0;
    client.on("data", (bytes) => (received += bytes.length));
    client.resume();
    await until(() => accepted.events.includes("(drained)") && received === sent);
    expect(accepted.stream.unsentBytes).toBe(0);
    client.destroy();
    server.close();
  });

  test("paused reading holds bytes back until resumed", async () => {
    const server = await serve();
    const client = await dial(server.port);
    const accepted = await server.next();
    accepted.stream.pauseReading();
    client.write("held");
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(accepted.events).toEqual([]);
    accepted.stream.resumeReading();
    await until(() => accepted.events.join("") === "held");
    client.destroy();
    server.close();
  });
});

describe("listening", () => {
  test("a busy port is told with its code", async () => {
    const server = await serve();
    await expect(serve(server.address)).rejects.toMatchObject({ name: "HostError", code: "EADDRINUSE" });
    server.close();
  });

  test("a path is a unix socket", async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "nsqlab-"));
    const file = path.join(folder, "nsqd.sock");
    const server = await serve(file);
    expect(server.address).toBe(file);
    const client = net.connect(file);
    client.end("hi");
    const accepted = await server.next();
    await until(() => accepted.events.includes("hi"));
    accepted.stream.end();
    await accepted.closed;
    server.close();
    await rm(folder, { recursive: true });
  });
});

describe("outgoing streams", () => {
  test("opened, then data both ways", async () => {
    const server = await serve();
    const seen: string[] = [];
    const stream = host.connect(server.address, {
      opened: () => seen.push("(opened)"),
      data: (bytes) => seen.push(Buffer.from(bytes).toString()),
      ended: () => {
        seen.push("(end)");
        stream.end();
      },
      closed: (cause) => seen.push(`(${cause})`),
    });
    stream.write(Buffer.from("written before it is open"));
    const accepted = await server.next();
    await until(() => accepted.events.length > 0);
    accepted.stream.write(Buffer.from("answer"));
    accepted.stream.end();
    await until(() => seen.includes("(ended)"));
    expect(seen).toEqual(["(opened)", "answer", "(end)", "(ended)"]);
    server.close();
  });

  test("nobody listens: refused", async () => {
    const server = await serve();
    server.close();
    const cause = await new Promise((resolve) => {
      host.connect(server.address, { data: () => {}, ended: () => {}, closed: resolve });
    });
    expect(cause).toBe("refused");
  });
});

test("who keeps the program busy is read once a turn, and the others in between", async () => {
  const turns: string[] = [];
  let other: net.Socket | null = null;
  const data = (bytes: Uint8Array): void => {
    const isBusy = bytes.length > 1;
    turns.push(isBusy ? "busy" : "other");
    if (turns.length === 1) other?.write("b");
    for (const end = performance.now() + (isBusy ? 8 : 0); performance.now() < end;);
  };
  let port = 0;
  const accept = (): StreamEvents => ({ data, ended: () => {}, closed: ignore });
  const listener = host.listen("127.0.0.1:0", accept, (result) => {
    if (!(result instanceof HostError)) port = Number(result.address.split(":").at(-1));
  });
  await until(() => port > 0);
  other = await dial(port);
  const busy = await dial(port);
  busy.write(Buffer.alloc(1024 * 1024));
  await until(() => turns.includes("other") && turns.length > 4);
  expect(turns.indexOf("other")).toBeLessThan(4);
  busy.destroy();
  other.destroy();
  listener.close();
});
