import type { Socket } from "node:net";
import type { WireScanner } from "../../sim/network/wire.ts";

/** `pass`; `hold`: kept and passed on later; `vanish`: thrown away. */
export type DirectionMode = "pass" | "hold" | "vanish";

/** One way of a proxied connection: takes bytes off one socket, puts them on the other, or does not. */
export class Direction {
  private readonly from: Socket;
  private readonly to: Socket;
  private readonly scanner: WireScanner;
  private readonly onUnit: (unit: string) => void;
  private readonly delayMs: () => number;
  private mode: DirectionMode = "pass";
  /** Bytes, or the end of the stream (null), in order, that are held or not due yet. */
  private readonly queue: { readonly bytes: Uint8Array | null; readonly dueMs: number }[] = [];
  private timer: NodeJS.Timeout | null = null;

  /**
   * `onUnit` is called before the unit's last bytes are passed on, so that a fault it begins still catches them;
   * `delayMs` is asked for each piece, how much later than it came it is to be passed on.
   */
  constructor(from: Socket, to: Socket, scanner: WireScanner, onUnit: (unit: string) => void, delayMs: () => number) {
    this.from = from;
    this.to = to;
    this.scanner = scanner;
    this.onUnit = onUnit;
    this.delayMs = delayMs;
    from.on("data", (bytes: Buffer) => this.receive(bytes));
    from.on("end", () => this.put(null));
    to.on("drain", () => this.mode !== "hold" && from.resume());
  }

  setMode(mode: DirectionMode): void {
    this.mode = mode;
    // A held direction stops reading: the sender feels it when the system's buffers are full.
    if (mode === "hold") this.from.pause();
    else this.from.resume();
    this.flush();
  }

  close(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.queue.length = 0;
  }

  private receive(bytes: Uint8Array): void {
    let passed = 0;
    this.scanner.scan(bytes, (unit, start) => {
      if (start > passed) this.put(bytes.subarray(passed, start));
      passed = Math.max(passed, start);
      this.onUnit(unit);
    });
    if (passed < bytes.length) this.put(bytes.subarray(passed));
  }

  private put(bytes: Uint8Array | null): void {
    if (this.mode === "vanish") return;
    this.queue.push({ bytes, dueMs: performance.now() + this.delayMs() });
    this.flush();
  }

  private flush(): void {
    if (this.timer !== null) return;
    while (this.mode !== "hold") {
      const first = this.queue[0];
      if (first === undefined) return;
      const wait = first.dueMs - performance.now();
      if (wait > 0) {
        this.timer = setTimeout(() => {
          this.timer = null;
          this.flush();
        }, wait);
        return;
      }
      this.queue.shift();
      if (first.bytes === null) this.to.end();
      else if (!this.to.destroyed && this.to.writable && !this.to.write(first.bytes)) this.from.pause();
    }
  }
}
