import { createConnection, type Socket } from "node:net";

/** An established connection to the broker under load. */
export async function connect(port: number): Promise<Socket> {
  const socket = createConnection({ host: "127.0.0.1", port, noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  return socket;
}

/** Microseconds of a monotonic clock. */
export function nowUs(): number {
  return performance.now() * 1000;
}
