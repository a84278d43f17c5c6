/** Streams that go on in raw deflate, with Node's own zlib as the peer. */
import net from "node:net";
import zlib from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { type ByteStream, type CloseCause, type Host, HostError } from "../../../core/host.ts";
import { createNodeHost } from "../../../core/node/host.ts";

const host: Host = createNodeHost({ log: () => {} });
const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** An accepted stream in deflate, and what happens to it. */
class Compressed {
  stream: ByteStream | null = null;
  socket = new net.Socket();
  received = 0;
  text = "";
  ended = false;
  drained = 0;
  cause: CloseCause | null = null;

  /** Connects, and begins to compress both ends. */
  async open(): Promise<this> {
    const address = await new Promise<string>((resolve, reject) => {
      const accept = (stream: ByteStream) => {
        this.stream = stream;
        stream.startDeflate?.(6);
        return {
          data: (bytes: Uint8Array) => {
            this.received += bytes.length;
            if (this.text.length < 1000) this.text += Buffer.from(bytes).toString("latin1");
          },
          ended: () => (this.ended = true),
          drained: () => (this.drained += 1),
          closed: (cause: CloseCause) => (this.cause = cause),
        };
      };
      const listener = host.listen("127.0.0.1:0", accept, (result) => {
        if (result instanceof HostError) reject(result);
        else resolve(result.address);
      });
      closers.push(() => listener.close());
    });
    this.socket = net.connect({ host: "127.0.0.1", port: Number(address.split(":")[1]), allowHalfOpen: true });
    this.socket.on("error", () => {});
    closers.push(() => this.socket.destroy());
    await until(() => this.stream !== null);
    return this;
  }
}

function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5000;
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (condition()) resolve();
      else if (performance.now() > deadline) reject(new Error("it did not happen within 5 s"));
      else setImmediate(look);
    };
    look();
  });
}

function deflated(text: string | Buffer): Buffer {
  return zlib.deflateRawSync(text, { finishFlush: zlib.constants.Z_SYNC_FLUSH });
}

test("every write can be read at once; the end comes behind all of it", async () => {
  const peer = await new Compressed().open();
  const inflate = zlib.createInflateRaw({ flush: zlib.constants.Z_SYNC_FLUSH });
  let received = "";
  let isOver = false;
  peer.socket.pipe(inflate);
  inflate.on("data", (bytes: Buffer) => (received += bytes.toString()));
  inflate.on("end", () => (isOver = true));
  for (const word of ["one", "two", "three"]) {
    peer.stream?.write(Buffer.from(`${word} `));
    await until(() => received.endsWith(`${word} `));
  }
  peer.stream?.write(Buffer.from("x".repeat(200_000)));
  peer.stream?.end();
  await until(() => isOver);
  expect(received.length).toBe(14 + 200_000);
  peer.socket.end();
  await until(() => peer.cause !== null);
  expect(peer.cause).toBe("ended");
});

test("what the peer sent before its FIN comes before the end", async () => {
  const peer = await new Compressed().open();
  const bytes = deflated("a".repeat(900) + "end");
  for (const byte of bytes) peer.socket.write(Uint8Array.of(byte));
  peer.socket.end();
  await until(() => peer.ended);
  expect(peer.text).toBe(`${"a".repeat(900)}end`);
});

test("a last block is an end as well", async () => {
  const peer = await new Compressed().open();
  peer.socket.write(Buffer.concat([zlib.deflateRawSync("bye"), Buffer.from("more")]));
  await until(() => peer.ended);
  expect(peer.text).toBe("bye");
});

test("what is no deflate closes the stream", async () => {
  const peer = await new Compressed().open();
  peer.socket.write(Buffer.from("ffffffffffffffff", "hex"));
  await until(() => peer.cause !== null);
  expect(peer.cause).toBe("garbled");
});

test("a bomb is held back while its reader pauses, and is read in small pieces", async () => {
  const peer = await new Compressed().open();
  const size = 64 * 1024 * 1024;
  const bomb = deflated(Buffer.alloc(size));
  peer.stream?.pauseReading();
  peer.socket.write(bomb);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(peer.received).toBeLessThan(64 * 1024);
  const before = process.memoryUsage().rss;
  peer.stream?.resumeReading();
  await until(() => peer.received === size);
  expect(process.memoryUsage().rss - before).toBeLessThan(48 * 1024 * 1024);
});

test("a reader that does not read is felt, and the rest comes when it does", async () => {
  const peer = await new Compressed().open();
  peer.socket.pause();
  const noise = Buffer.alloc(64 * 1024, 0);
  for (let at = 0; at < noise.length; at += 4) noise.writeUInt32LE(Math.imul(at + 1, 2654435761) >>> 0, at);
  let written = 0;
  while (peer.stream?.write(noise) === true) written += 1;
  expect(written).toBeLessThan(100);
  expect(peer.stream?.unsentBytes).toBeGreaterThan(0);
  peer.socket.resume();
  await until(() => peer.drained === 1);
  expect(peer.stream?.unsentBytes).toBe(0);
});
