import { type AddressInfo, createServer } from "node:net";

/** Two loopback ports that nobody listens on just now, for the TCP and the HTTP side of a daemon. */
export async function freePorts(): Promise<readonly [tcp: number, http: number]> {
  const servers = [createServer(), createServer()];
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    ports.push((server.address() as AddressInfo).port);
  }
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  return [ports[0]!, ports[1]!];
}
