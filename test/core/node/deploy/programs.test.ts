import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HostError } from "../../../../core/host.ts";
import { createConsumer, createProducer, type Message } from "../../../../core/node/client.ts";
import { createNodeHost } from "../../../../core/node/host.ts";
import { type Server, startServer } from "../../../../core/node/server.ts";
import {
  type NsqlookupdAddresses,
  type NsqlookupdProgram,
  startNsqlookupd,
} from "../../../../core/nsqlookupd/nsqlookupd.ts";
import { DEFAULT_LOOKUPD_OPTIONS } from "../../../../core/nsqlookupd/options.ts";

const folder = path.resolve(import.meta.dirname, "../../../../core/node/deploy");

let server: Server;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

class Program {
  output = "";
  readonly exited: Promise<number | null>;
  readonly child: ChildProcess;
  private readonly wake: (() => void)[] = [];

  constructor(name: string, args: readonly string[], env: Record<string, string> = {}) {
    const all = ["--import", "tsx", path.join(folder, `${name}.ts`), ...args];
    this.child = spawn(process.execPath, all, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (bytes: Buffer) => {
        this.output += bytes.toString();
        for (const resolve of this.wake.splice(0)) resolve();
      });
    }
    this.exited = new Promise((resolve) => {
      this.child.on("close", resolve);
    });
  }

  async prints(text: string): Promise<void> {
    while (!this.output.includes(text)) await new Promise<void>((resolve) => this.wake.push(resolve));
  }
}

async function publish(topic: string, body: string): Promise<void> {
  const response = await fetch(`http://${server.httpAddress}/pub?topic=${topic}`, { method: "POST", body });
  expect(await response.text()).toBe("OK");
}

function drain(timeout: string, address = server.httpAddress): Program {
  return new Program("drain", [`--http-address=${address}`, `--timeout=${timeout}`]);
}

describe("drain", () => {
  test("does not wait for what nobody consumes", async () => {
    await publish("unread", "x");
    const program = drain("60s");
    expect(await program.exited).toBe(0);
    expect(program.output).toBe("drain: drained\n");
  });

  test("waits for consumers to answer, but not for ever", async () => {
    await publish("work", "x");
    const consumer = createConsumer({ topic: "work", channel: "c", addresses: [server.tcpAddress] });
    const taken = new Promise<Message>((resolve) => {
      void consumer.run((message) => {
        resolve(message);
        return new Promise((answered) => setTimeout(answered, 60_000).unref());
      });
    });
    const message = await taken;
    const impatient = drain("300ms");
    expect(await impatient.exited).toBe(0);
    expect(impatient.output).toBe("drain: still to be answered, and left for the restart: 1\n");
    const patient = drain("60s");
    message.finish();
    expect(await patient.exited).toBe(0);
    expect(patient.output).toBe("drain: drained\n");
    await consumer.close();
  });

  test("an nsqd that is not there is none to wait for", async () => {
    const program = drain("60s", "127.0.0.1:1");
    expect(await program.exited).toBe(0);
    expect(program.output).toMatch(/^drain: nsqd does not answer: /);
  });

  test("bad usage", async () => {
    const program = drain("soon");
    expect(await program.exited).toBe(2);
    expect(program.output).toContain("--timeout=soon: expected a duration such as 30s");
  });
});

interface Directory {
  readonly lookupd: NsqlookupdProgram;
  readonly directory: NsqlookupdAddresses;
}

function startDirectory(): Promise<Directory> {
  const options = { ...DEFAULT_LOOKUPD_OPTIONS, tcpAddress: "127.0.0.1:0", httpAddress: "127.0.0.1:0" };
  return new Promise((resolve, reject) => {
    const lookupd = startNsqlookupd(createNodeHost({ log: () => {} }), options, {
      ready: (result) => {
        if (result instanceof HostError) reject(result);
        else resolve({ lookupd, directory: result });
      },
    });
  });
}

test("the example consumer finds the nsqd, prints what is published, and stops when told to", async () => {
  const { lookupd, directory } = await startDirectory();
  const flags = { "lookupd-tcp-address": directory.tcpAddress, "broadcast-address": "127.0.0.1" };
  const nsqd = await startServer({ flags });
  const producer = createProducer({ address: nsqd.tcpAddress });
  await producer.publish("orders", "four apples");
  const env = { LOOKUPD_HTTP_ADDRESSES: directory.httpAddress, TOPIC: "orders", CHANNEL: "billing" };
  const program = new Program("consumer", [], env);
  await program.prints("attempt 1: four apples\n");
  program.child.kill("SIGTERM");
  expect(await program.exited).toBe(0);
  await producer.close();
  await nsqd.close();
  await new Promise<void>((resolve) => lookupd.stop(resolve));
});
