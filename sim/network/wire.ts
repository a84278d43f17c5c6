/**
 * What passes on a proxied connection, recognised well enough to aim a fault at it: NSQ's commands on the way to nsqd,
 * its frames on the way back (protocol §2, §3). Nothing is checked and nothing is changed; a stream that is not NSQ, or
 * that was upgraded to TLS or compression, yields no units any more.
 */
export interface WireScanner {
  /**
   * Looks at the next bytes of the stream. `found` is called for each unit that ends in them: its name, and where in
   * `bytes` it begins (0 when it began in an earlier chunk) and ends.
   */
  scan(bytes: Uint8Array, found: (unit: string, start: number, end: number) => void): void;
}

const LINE_FEED = 10;
const MAGIC_BYTES = 4;
const SIZE_BYTES = 4;
/** Enough of a line for any verb; the rest only passes. */
const KEPT_LINE_CHARACTERS = 16;
/** Commands whose line is followed by a size and that many bytes. */
const WITH_BODY = new Set(["IDENTIFY", "AUTH", "PUB", "MPUB", "DPUB"]);

/** Client to nsqd. Units are the commands' verbs: PUB, FIN, RDY, … */
export class CommandScanner implements WireScanner {
  private state: "magic" | "line" | "size" | "body" = "magic";
  /** Bytes of the magic, the size or the body that are still to come. */
  private missing = MAGIC_BYTES;
  private size = 0;
  private line = "";
  private verb = "";

  scan(bytes: Uint8Array, found: (unit: string, start: number, end: number) => void): void {
    let start = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at]!;
      if (this.state === "line") {
        if (byte !== LINE_FEED) {
          if (this.line.length < KEPT_LINE_CHARACTERS) this.line += String.fromCharCode(byte);
          continue;
        }
        this.verb = this.line.split(" ", 1)[0]!.trimEnd();
        this.line = "";
        if (WITH_BODY.has(this.verb)) this.expect("size", SIZE_BYTES);
        else {
          found(this.verb, start, at + 1);
          start = at + 1;
        }
        continue;
      }
      if (this.state === "body") {
        const taken = Math.min(this.missing, bytes.length - at);
        this.missing -= taken;
        at += taken - 1;
      } else {
        this.size = ((this.size << 8) | byte) >>> 0;
        this.missing -= 1;
      }
      if (this.missing > 0) continue;
      if (this.state === "size" && this.size > 0) {
        this.expect("body", this.size);
        continue;
      }
      if (this.state !== "magic") found(this.verb, start, at + 1);
      start = at + 1;
      this.expect("line", 0);
    }
  }

  private expect(state: "line" | "size" | "body", missing: number): void {
    this.state = state;
    this.missing = missing;
    if (state !== "body") this.size = 0;
  }
}

const HEAD_BYTES = 8;
const FRAME_NAMES = ["response", "error", "message"];
/** Responses of at most this size are named by their text: OK, CLOSE_WAIT, _heartbeat_. */
const LONGEST_NAME = 11;

/** nsqd to client. Units: OK, CLOSE_WAIT, _heartbeat_, response (any other), error, message. */
export class FrameScanner implements WireScanner {
  private head = new DataView(new ArrayBuffer(HEAD_BYTES));
  private headBytes = 0;
  /** Of the data. */
  private missing = 0;
  private text = "";

  scan(bytes: Uint8Array, found: (unit: string, start: number, end: number) => void): void {
    let start = 0;
    let at = 0;
    while (at < bytes.length) {
      if (this.headBytes < HEAD_BYTES) {
        this.head.setUint8(this.headBytes, bytes[at]!);
        this.headBytes += 1;
        at += 1;
        if (this.headBytes < HEAD_BYTES) continue;
        this.missing = Math.max(0, this.head.getInt32(0) - SIZE_BYTES);
        this.text = "";
      } else {
        const taken = Math.min(this.missing, bytes.length - at);
        const room = LONGEST_NAME + 1 - this.text.length;
        if (room > 0) this.text += String.fromCharCode(...bytes.subarray(at, at + Math.min(room, taken)));
        this.missing -= taken;
        at += taken;
      }
      if (this.missing > 0) continue;
      found(this.unit(), start, at);
      start = at;
      this.headBytes = 0;
    }
  }

  private unit(): string {
    const name = FRAME_NAMES[this.head.getInt32(SIZE_BYTES)] ?? "unknown";
    return name === "response" && /^[A-Z_a-z]{1,11}$/.test(this.text) ? this.text : name;
  }
}
