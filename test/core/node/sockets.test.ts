import net from "node:net";
import { expect, test } from "vitest";
import { acceptedSocket, SERVER_OPTIONS } from "../../../core/node/sockets.ts";

/** Accepts one connection, which gets "one", "two" and an end; what was taken, and from where. */
async function receive(
  prepare: (accepted: net.Socket) => void,
): Promise<{ chunks: string[]; buffers: ArrayBufferLike[] }> {
  const chunks: string[] = [];
  const buffers: ArrayBufferLike[] = [];
  const server = net.createServer(SERVER_OPTIONS);
  const ended = new Promise<void>((resolve) => {
    server.on("connection", (accepted) => {
      prepare(accepted);
      const socket = acceptedSocket(accepted, (bytes) => {
        chunks.push(Buffer.from(bytes).toString());
        buffers.push(bytes.buffer);
        socket.write(bytes.slice());
      });
      socket.on("end", () => {
        socket.end();
        resolve();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = net.connect((server.address() as net.AddressInfo).port, "127.0.0.1", () => client.write("one"));
  await new Promise((resolve) => client.once("data", resolve));
  client.end("two");
  await ended;
  await new Promise((resolve) => client.once("close", resolve));
  server.close();
  return { chunks, buffers };
}

/** As on a runtime that keeps the connection under a socket to itself. */
function hide(accepted: net.Socket): void {
  const { _handle } = accepted as unknown as { _handle: { useUserBuffer: unknown } };
  _handle.useUserBuffer = undefined;
}

test("every read lands in the same buffer", async () => {
  const { chunks, buffers } = await receive(() => {});
  expect(chunks).toEqual(["one", "two"]);
  expect(buffers[0]).toBe(buffers[1]);
  expect((await receive(() => {})).buffers[0]).toBe(buffers[0]);
});

test("where Node hides what that needs, sockets read as usual", async () => {
  const { chunks, buffers } = await receive(hide);
  expect(chunks).toEqual(["one", "two"]);
  expect(buffers[0]).not.toBe(buffers[1]);
});
