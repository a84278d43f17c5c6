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
  type TlsContext,
  type TlsFacts,
} from "../host.ts";
import { boundAddress, formatAddress, parseAddress } from "./address.ts";
import { DeflateLayer, type DeflateOwner } from "./deflate.ts";
import {
  acceptedSocket,
  connectSocket,
  READ_BUFFER_BYTES,
  SEND_BUFFER_BYTES,
  SERVER_OPTIONS,
  type TakeBytes,
} from "./sockets.ts";
import { type NodeTlsContext, startNodeTls } from "./tls.ts";

const NO_BYTES = new Uint8Array(0);

const CAUSES: Readonly<Record<string, CloseCause>> = {
  ECONNRESET: "reset",
  EPIPE: "reset",
  ECONNABORTED: "reset",
  ECONNREFUSED: "refused",
  ENOENT: "refused",
  ETIMEDOUT: "timeout",
};

/**
 * A full read that took longer is the last of its stream for this turn of the event loop. Node makes up to 32 of them
 * while there is more, and what was compressed can keep the program busy for 20 times its length.
 */
const LONG_READ_MS = 5;

/** A TCP or unix-socket connection as the programs see it. */
class NodeStream implements ByteStream, DeflateOwner {
  readonly remoteAddress: string;
  private socket: net.Socket;
  private deflate: DeflateLayer | null = null;
  private events: StreamEvents | null = null;
  private failure: CloseCause | null = null;
  private isBlocked = false;
  private isReadingPaused = false;
  private isDecompressionFull = false;

  constructor(remoteAddress: string, open: (take: TakeBytes) => net.Socket) {
    this.remoteAddress = remoteAddress;
    this.socket = open((bytes) => this.take(bytes));
  }

  attach(events: StreamEvents): void {
    assert(this.events === null, "a stream has one owner");
    this.events = events;
    this.listenTo(this.socket);
  }

  get localAddress(): string {
    return formatAddress(this.socket.localAddress, this.socket.localPort);
  }

  get unsentBytes(): number {
    return this.deflate === null ? this.socket.writableLength : this.socket.writableLength + this.deflate.unsentBytes;
  }

  write(bytes: Uint8Array): boolean {
    if (this.socket.destroyed || this.socket.writableEnded) return true;
    if (this.deflate === null) this.socket.write(bytes);
    else if (this.deflate.hasEnded) return true;
    else this.deflate.write(bytes);
    // The socket's own answer is false for any large write, even one that the system took at once.
    if (this.unsentBytes < SEND_BUFFER_BYTES) return true;
    this.isBlocked = true;
    return false;
  }

  end(): void {
    if (this.deflate === null) this.socket.end();
    else this.deflate.end();
  }

  destroy(): void {
    this.failure ??= "destroyed";
    this.socket.destroy();
  }

  pauseReading(): void {
    this.isReadingPaused = true;
    this.socket.pause();
    this.deflate?.pause();
  }

  resumeReading(): void {
    this.isReadingPaused = false;
    this.deflate?.resume();
    if (!this.isDecompressionFull) this.socket.resume();
  }

  startTls(context: TlsContext, done: (result: HostError | TlsFacts) => void): void {
    const { socket } = this;
    const wrap = (): void => this.wrap(context as NodeTlsContext, done);
    if (socket.writableLength === 0) return wrap();
    // What is still on its way leaves in clear. If that fails, the stream is closed all the same.
    socket.write(NO_BYTES, (error) => {
      if (error == null && !socket.destroyed) wrap();
    });
    return undefined;
  }

  startDeflate(level: number, early = NO_BYTES): void {
    assert(this.deflate === null, "a stream is compressed once");
    this.deflate = new DeflateLayer(this, level);
    if (early.length > 0) this.deflate.receive(early);
  }

  // What the compression asks and tells.

  sendCompressed(bytes: Uint8Array): void {
    // A socket that was never full does not say that it is empty again; the compression may have been.
    if (!this.socket.destroyed) this.socket.write(bytes, () => this.drained());
  }

  allCompressed(): void {
    this.drained();
  }

  compressionEnded(): void {
    this.socket.end();
  }

  takePlain(bytes: Uint8Array): void {
    this.events?.data(bytes);
  }

  plainEnded(): void {
    this.events?.ended();
  }

  garbled(): void {
    this.failure ??= "garbled";
    this.socket.destroy();
  }

  decompressionFull(isFull: boolean): void {
    this.isDecompressionFull = isFull;
    if (isFull) this.socket.pause();
    else if (!this.isReadingPaused) this.socket.resume();
  }

  private wrap(context: NodeTlsContext, done: (result: HostError | TlsFacts) => void): void {
    const peer = parseAddress(this.remoteAddress);
    this.socket = startNodeTls(this.socket, context, "host" in peer ? peer.host : "", {
      established: done,
      failed: (error) => {
        this.failure ??= "insecure";
        done(error);
      },
    });
    this.listenTo(this.socket);
    // Nothing comes before the end of the handshake; but without a reader its failure would not be noticed.
    this.socket.on("data", (bytes: Buffer) => this.take(bytes));
    if (this.isReadingPaused) this.socket.pause();
  }

  /** A socket under TLS keeps its listeners, and has nothing to say any more. */
  private listenTo(socket: net.Socket): void {
    socket.on("end", () => {
      if (socket !== this.socket) return;
      if (this.deflate === null) this.events?.ended();
      else this.deflate.receivedAll();
    });
    socket.on("drain", () => {
      if (socket === this.socket) this.drained();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.failure ??= CAUSES[error.code ?? ""] ?? "unreachable";
    });
    socket.on("close", () => {
      if (socket === this.socket) this.closed();
    });
  }

  private take(bytes: Uint8Array): void {
    if (this.deflate !== null) return this.deflate.receive(bytes);
    if (bytes.length < READ_BUFFER_BYTES) return this.events?.data(bytes);
    const began = performance.now();
    this.events?.data(bytes);
    if (performance.now() - began > LONG_READ_MS) this.letOthersBeRead();
    return undefined;
  }

  private letOthersBeRead(): void {
    this.socket.pause();
    setImmediate(() => {
      if (!this.isReadingPaused && !this.isDecompressionFull) this.socket.resume();
    });
  }

  private drained(): void {
    if (!this.isBlocked || this.unsentBytes > 0) return;
    this.isBlocked = false;
    this.events?.drained?.();
  }

  private closed(): void {
    const { events } = this;
    this.events = null;
    this.deflate?.close();
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
