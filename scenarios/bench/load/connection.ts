import { createConnection, type Socket } from "node:net";

/** Every read of the process lands here and is looked at before the next: the generator shares the machine's cores. */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);

/** An established connection to the broker under load. */
export class LoadConnection {
  readonly socket: Socket;
  /** Gets what is read; the bytes are valid only during the call. The broker speaks only when it was spoken to. */
  received: (bytes: Buffer) => void = () => undefined;

  private constructor(port: number) {
    const callback = (length: number): boolean => {
      this.received(READ_BUFFER.subarray(0, length));
      return true;
    };
    const onread = { buffer: READ_BUFFER, callback };
    this.socket = createConnection({ host: "127.0.0.1", port, noDelay: true, onread });
  }

  static open(port: number): Promise<LoadConnection> {
    return new Promise((resolve, reject) => {
      const connection = new LoadConnection(port);
      connection.socket.once("connect", () => resolve(connection));
      connection.socket.once("error", reject);
    });
  }
}

/** Microseconds of a monotonic clock. */
export function nowUs(): number {
  return performance.now() * 1000;
}
