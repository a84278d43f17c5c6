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

/** Unsent bytes from which {@link ByteStream.write} asks the program to stop. */
const SEND_BUFFER_BYTES = 64 * 1024;

const CAUSES: Readonly<Record<string, CloseCause>> = {
  ECONNRESET: "reset",
  EPIPE: "reset",
  ECONNABORTED: "reset",
  ECONNREFUSED: "refused",
  ENOENT: "refused",
  ETIMEDOUT: "timeout",
};

/**
 * A TCP or unix-socket connection as the programs see it.
 *
 * Seven tenths of what a small message costs here is the system's write. Reading into one shared buffer (`onread`)
 * would save another tenth, but Node offers that for outgoing connections only.
 */
class NodeStream implements ByteStream {
  readonly remoteAddress: string;
  private readonly socket: net.Socket;
  private events: StreamEvents | null = null;
  private failure: CloseCause | null = null;
  private isBlocked = false;

  constructor(socket: net.Socket, remoteAddress: string) {
    this.socket = socket;
    this.remoteAddress = remoteAddress;
  }

  attach(events: StreamEvents): void {
    assert(this.events === null, "a stream has one owner");
    this.events = events;
    this.socket.on("data", (bytes: Buffer) => this.events?.data(bytes));
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
export function listenNet(address: string, accept: AcceptStream, ready: (result: HostError | Bound) => void): Listener {
  const options = { allowHalfOpen: true, noDelay: true, highWaterMark: SEND_BUFFER_BYTES };
  const server = net.createServer(options, (socket) => {
    const stream = new NodeStream(socket, formatAddress(socket.remoteAddress, socket.remotePort));
    stream.attach(accept(stream));
  });
  return startListening(server, address, ready);
}

/** Binds a server, TCP or HTTP, and says how that went, once. */
export function startListening(
  server: net.Server,
  address: string,
  ready: (result: HostError | Bound) => void,
): Listener {
  let isReady = false;
  server.on("error", (error: NodeJS.ErrnoException) => {
    if (isReady) return;
    isReady = true;
    ready(new HostError(error.code ?? "EIO", error.message));
  });
  server.listen(parseAddress(address), () => {
    isReady = true;
    ready({ address: boundAddress(server) });
  });
  return { close: () => server.close() };
}

/** {@link Host.connect} over node:net. */
export function connectNet(address: string, events: StreamEvents): ByteStream {
  const options = { allowHalfOpen: true, noDelay: true, highWaterMark: SEND_BUFFER_BYTES };
  const socket = net.connect({ ...parseAddress(address), ...options });
  const stream = new NodeStream(socket, address);
  socket.on("connect", () => events.opened?.());
  stream.attach(events);
  return stream;
}
