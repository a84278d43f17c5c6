import dgram from "node:dgram";
import net from "node:net";
import { HostError } from "../host.ts";
import { parseAddress } from "./address.ts";

/** {@link Host.sendDatagram} over node:dgram: a socket per address family, which keeps no process alive. */
export class NodeDatagrams {
  private readonly sockets = new Map<"udp4" | "udp6", dgram.Socket>();
  private readonly warn: (message: string) => void;

  constructor(warn: (message: string) => void) {
    this.warn = warn;
  }

  send(address: string, bytes: Uint8Array, failed: (error: HostError) => void): void {
    const to = parseAddress(address);
    if ("path" in to) return failed(new HostError("EINVAL", `${address} is not host:port`));
    return this.socket(net.isIPv6(to.host) ? "udp6" : "udp4").send(bytes, to.port, to.host, (error) => {
      if (error === null) return;
      const { code, message } = error as NodeJS.ErrnoException;
      failed(new HostError(code ?? "EIO", message));
    });
  }

  private socket(family: "udp4" | "udp6"): dgram.Socket {
    let socket = this.sockets.get(family);
    if (socket === undefined) {
      socket = dgram.createSocket(family).unref();
      socket.on("error", (error) => this.warn(`datagrams: ${error.message}`));
      this.sockets.set(family, socket);
    }
    return socket;
  }
}
