import net from "node:net";
import { assert } from "../assert.ts";
import {
  type AcceptStream,
  type Bound,
  type ByteStream,
  type CloseCause,
  HostError,
  type Listener,
  type StreamEvents,
} from "../host.ts";
import { boundAddress, formatAddress, parseAddress } from "./address.ts";
import { acceptedSocket, connectSocket, SEND_BUFFER_BYTES, SERVER_OPTIONS, type TakeBytes } from "./sockets.ts";

const CAUSES: Readonly<Record<string, CloseCause>> = {
  ECONNRESET: "reset",
  EPIPE: "reset",
  ECONNABORTED: "reset",
  ECONNREFUSED: "refused",
  ENOENT: "refused",
  ETIMEDOUT: "timeout",
};

/** A TCP or unix-socket connection as the programs see it. */
class NodeStream implements ByteStream {
  readonly remoteAddress: string;
  private readonly socket: net.Socket;
  private events: StreamEvents | null = null;
  private failure: CloseCause | null = null;
  private isBlocked = false;

  constructor(remoteAddress: string, open: (take: TakeBytes) => net.Socket) {
    this.remoteAddress = remoteAddress;
    this.socket = open((bytes) => this.events?.data(bytes));
  }

  attach(events: StreamEvents): void {
    assert(this.events === null, "a stream has one owner");
    this.events = events;
    this.socket.on("end", () => this.events?.ended());
    this.socket.on("drain", () => this.drained());
    this.socket.on("error", (error: NodeJS.ErrnoException) => {
      this.failure ??= CAUSES[error.code ?? ""] ?? "unreachable";
    });
    this.socket.on("close", () => this.closed());
  }

  get localAddress(): string {
    return formatAddress(this.socket.localAddress, this.socket.localPort);
  }

  get unsentBytes(): number {
    return this.socket.writableLength;
  }

  write(bytes: Uint8Array): boolean {
    if (this.socket.destroyed || this.socket.writableEnded) return true;
    this.socket.write(bytes);
    // The socket's own answer is false for any large write, even one that the system took at once.
    if (this.socket.writableLength < SEND_BUFFER_BYTES) return true;
    this.isBlocked = true;
    return false;
  }

  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.failure ??= "destroyed";
    this.socket.destroy();
  }

  pauseReading(): void {
    this.socket.pause();
  }

  resumeReading(): void {
    this.socket.resume();
  }

  private drained(): void {
    if (!this.isBlocked) return;
    this.isBlocked = false;
    this.events?.drained?.();
  }

  private closed(): void {
    const { events } = this;
    this.events = null;
    events?.closed(this.failure ?? "ended");
  }
}

/** {@link Host.listen} over node:net. */
export function listenNet(
  address: string,
  accept: AcceptStream,
  ready: (result: HostError | Bound) => void,
  warn: (message: string) => void,
): Listener {
  const server = net.createServer(SERVER_OPTIONS, (socket) => {
    const remote = formatAddress(socket.remoteAddress, socket.remotePort);
    const stream = new NodeStream(remote, (take) => acceptedSocket(socket, take));
    stream.attach(accept(stream));
  });
  return startListening(server, address, ready, warn);
}

/**
 * Binds a server, TCP or HTTP, and says how that went, once. What goes wrong later (a connection that cannot be
 * accepted for want of file descriptors) is a warning: the server goes on.
 */
export function startListening(
  server: net.Server,
  address: string,
  ready: (result: HostError | Bound) => void,
  warn: (message: string) => void,
): Listener {
  let isReady = false;
  server.on("error", (error: NodeJS.ErrnoException) => {
    if (isReady) return warn(`${address}: ${error.message}`);
    isReady = true;
    return ready(new HostError(error.code ?? "EIO", `listen (${address}) failed - ${error.message}`));
  });
  server.listen(parseAddress(address), () => {
    isReady = true;
    ready({ address: boundAddress(server) });
  });
  return { close: () => server.close() };
}

/** {@link Host.connect} over node:net. */
export function connectNet(address: string, events: StreamEvents): ByteStream {
  const stream = new NodeStream(address, (take) => {
    const socket = connectSocket(address, take);
    return socket.on("connect", () => events.opened?.());
  });
  stream.attach(events);
  return stream;
}
