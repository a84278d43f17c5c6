import net from "node:net";
import { expect, test } from "vitest";
import { startServer } from "../../core/node/server.ts";

/** More than a socket is read at once: some of it is unread when the error before it is found. */
const PIPELINED = "NOP\n".repeat(500_000);

/** What a raw client hears, and what becomes of its last command, sent when nsqd has closed. */
async function endOf(profile: string): Promise<{ readonly heard: string; readonly error: string }> {
  const server = await startServer({ flags: { profile } });
  const [host, port] = server.tcpAddress.split(":");
  const socket = net.connect({ host: host!, port: Number(port), allowHalfOpen: true });
  let heard = "";
  let error = "";
  socket.on("data", (bytes) => (heard += bytes.toString("latin1")));
  socket.on("error", (cause: NodeJS.ErrnoException) => (error = cause.code ?? ""));
  socket.on("end", () => socket.end("NOP\n"));
  const closed = new Promise((resolve) => socket.on("close", resolve));
  socket.write(`  V2bad\n${PIPELINED}`);
  await closed;
  await server.close();
  return { heard, error };
}

test("exact reads on until the client closes: the error arrives, and no reset", async () => {
  const { heard, error } = await endOf("exact");
  expect(heard).toContain("E_INVALID invalid command bad");
  expect(error).toBe("");
});

test("nsqd-1.3 closes at once: what was unread is answered with a reset", async () => {
  const { error } = await endOf("nsqd-1.3");
  // The reset finds the client reading, writing, or, where it has got the error and then an end, about to write again.
  expect(["ECONNRESET", "EPIPE", "ENOTCONN"]).toContain(error);
});
