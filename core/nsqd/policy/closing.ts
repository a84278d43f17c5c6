import type { ByteStream, Host, Timer } from "../../host.ts";
import { MILLISECOND, SECOND, type Micros } from "../../time.ts";

/** How nsqd ends a connection to which everything was written. */
export interface ClosingPolicy {
  /** What it still waits for, if anything; to be cancelled when the stream is gone. */
  close(stream: ByteStream): Timer | null;
}

/** What is still being sent may take so long; then the client does not read. */
const SENDING_LIMIT: Micros = 30 * SECOND;
/** A client that does not close its side after we closed ours is cut off after so long. */
const LINGER: Micros = SECOND;
/** A closed socket of Go sends its rest by itself; here it is looked at so often whether it has. */
const SENDING_POLL: Micros = 10 * MILLISECOND;

/** Closes our side and reads on: a reset would take from the client what it has not read yet. */
export class LingeringClose implements ClosingPolicy {
  private readonly host: Host;

  constructor(host: Host) {
    this.host = host;
  }

  close(stream: ByteStream): Timer {
    stream.end();
    return new DropWhenSent(this.host, stream, LINGER);
  }
}

/** As Go closes a socket (protocol §8): if the client sent what was not read, its kernel answers with a reset. */
export class ImmediateClose implements ClosingPolicy {
  private readonly host: Host;

  constructor(host: Host) {
    this.host = host;
  }

  close(stream: ByteStream): Timer | null {
    if (stream.unsentBytes > 0) {
      stream.pauseReading();
      return new DropWhenSent(this.host, stream, SENDING_POLL);
    }
    stream.destroy();
    return null;
  }
}

/** Drops a stream at the first look, one each `period`, that finds nothing unsent, or at the last. */
class DropWhenSent implements Timer {
  private readonly host: Host;
  private readonly stream: ByteStream;
  private readonly period: Micros;
  private readonly last: Micros;
  private timer: Timer;

  constructor(host: Host, stream: ByteStream, period: Micros) {
    this.host = host;
    this.stream = stream;
    this.period = period;
    this.last = host.now() + SENDING_LIMIT;
    this.timer = this.lookAgain();
  }

  cancel(): void {
    this.timer.cancel();
  }

  private lookAgain(): Timer {
    const { host, stream } = this;
    return host.timer(host.now() + this.period, () => {
      if (stream.unsentBytes > 0 && host.now() < this.last) this.timer = this.lookAgain();
      else stream.destroy();
    });
  }
}
