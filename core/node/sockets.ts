import net from "node:net";
import { parseAddress } from "./address.ts";

/** Unsent bytes from which a socket counts as full. */
export const SEND_BUFFER_BYTES = 64 * 1024;

/** The most that one read brings. */
export const READ_BUFFER_BYTES = 64 * 1024;

/**
 * Every read of the process lands here, and is handed on before the next one can happen. Node's own way allocates 64 KiB
 * for each read: reading into one buffer saves a tenth of the processor time of a message, and most of the garbage.
 */
const READ_BUFFER = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);

/** Gets the bytes of a read; they are valid only during the call. */
export type TakeBytes = (bytes: Uint8Array) => void;

/** Options of the server whose connections are given to {@link acceptedSocket}. */
export const SERVER_OPTIONS = {
  allowHalfOpen: true,
  noDelay: true,
  pauseOnConnect: true,
  highWaterMark: SEND_BUFFER_BYTES,
} as const;

/** Opens a connection that hands its bytes to `take`. */
export function connectSocket(address: string, take: TakeBytes): net.Socket {
  const options = { ...parseAddress(address), ...socketOptions(take), noDelay: true };
  return net.connect(options);
}

/**
 * An accepted connection that hands its bytes to `take`.
 *
 * Only sockets that we make ourselves can read into a buffer of ours (`onread`); so the connection under the accepted
 * socket gets a new one. That connection has no public name: where it is not found, the accepted socket reads as usual.
 */
export function acceptedSocket(accepted: net.Socket, take: TakeBytes): net.Socket {
  const inner = accepted as unknown as { _handle: { useUserBuffer?: unknown } | null };
  const handle = inner._handle;
  if (typeof handle?.useUserBuffer !== "function") {
    accepted.on("data", take);
    return accepted.resume();
  }
  inner._handle = null;
  return new net.Socket({ ...socketOptions(take), handle } as net.SocketConstructorOpts);
}

function socketOptions(take: TakeBytes) {
  const callback = (length: number, buffer: Uint8Array): boolean => {
    take(buffer.subarray(0, length));
    return true;
  };
  return { allowHalfOpen: true, highWaterMark: SEND_BUFFER_BYTES, onread: { buffer: READ_BUFFER, callback } };
}
