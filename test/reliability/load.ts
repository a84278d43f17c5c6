import net from "node:net";
import type { Random } from "../../core/random.ts";
import {
  CLOSE,
  FrameCutter,
  type FrameSink,
  ID_BYTES,
  ID_OFFSET,
  identifyCommands,
  isOk,
  MAGIC,
  NOP,
  responseText,
  subscribeCommands,
} from "../../scenarios/bench/load/wire.ts";
import type { Books } from "./books.ts";

const BATCH = 50;
const BODY_BYTES = 200;
const BODY_OFFSET = ID_OFFSET + ID_BYTES;
const RDY = 200;

/** A connection that answers heartbeats and fails loudly. */
abstract class Connection implements FrameSink {
  protected readonly socket: net.Socket;
  failure: string | null = null;

  constructor(port: number) {
    const cutter = new FrameCutter(this);
    this.socket = net.connect({ host: "127.0.0.1", port, noDelay: true });
    this.socket.on("data", (bytes: Buffer) => {
      cutter.push(bytes);
      this.afterChunk();
    });
    this.socket.on("error", (error) => this.error(error.message));
  }

  error(text: string): void {
    this.failure ??= text;
  }

  response(bytes: Buffer, start: number, end: number): void {
    if (isOk(bytes, start, end)) this.ok();
    else if (responseText(bytes, start, end) === "_heartbeat_") this.socket.write(NOP);
    else this.told(responseText(bytes, start, end));
  }

  abstract message(bytes: Buffer, start: number): void;
  protected ok(): void {}
  protected told(_text: string): void {}
  protected afterChunk(): void {}
}

/** Publishes numbered messages with MPUB, as many as it is asked for, and counts those that were accepted. */
export class Publisher extends Connection {
  private readonly books: Books;
  private readonly command: Buffer;
  private readonly firstBody: number;
  private next = 0;

  constructor(port: number, topic: string, books: Books) {
    super(port);
    this.books = books;
    const element = Buffer.alloc(4 + BODY_BYTES);
    element.writeInt32BE(BODY_BYTES);
    const line = Buffer.from(`MPUB ${topic}\n`);
    const sizes = Buffer.alloc(8);
    sizes.writeInt32BE(4 + BATCH * element.length, 0);
    sizes.writeInt32BE(BATCH, 4);
    this.command = Buffer.concat([line, sizes, ...Array.from({ length: BATCH }, () => element)]);
    this.firstBody = line.length + sizes.length + 4;
    this.socket.write(MAGIC);
  }

  /** Messages sent and not yet accepted. */
  get open(): number {
    return this.next - this.books.accepted;
  }

  /** Sends one more batch. */
  publish(): void {
    const command = Buffer.from(this.command);
    for (let index = 0; index < BATCH; index += 1) {
      command.writeUInt32BE(this.next + index, this.firstBody + index * (4 + BODY_BYTES));
    }
    this.next += BATCH;
    this.socket.write(command);
  }

  close(): void {
    this.socket.destroy();
  }

  message(): void {
    this.error("a message for a publisher");
  }

  protected override ok(): void {
    this.books.accepted += BATCH;
  }
}

/** Finishes what it gets, until it breaks down in the middle of it. */
export class Consumer extends Connection {
  isDone = false;
  private readonly books: Books;
  private readonly number: number;
  private readonly random: Random;
  /** Breaks down after so many messages; Infinity: never. */
  private left: number;
  private fins: Buffer[] = [];
  private answered: (() => void) | null = null;

  constructor(port: number, topic: string, books: Books, number: number, left: number, random: Random) {
    super(port);
    this.books = books;
    this.number = number;
    this.left = left;
    this.random = random;
    this.socket.write(identifyCommands());
    this.socket.write(subscribeCommands(topic, "c", RDY));
  }

  message(bytes: Buffer, start: number): void {
    if (this.isDone) return;
    const number = bytes.readUInt32BE(start + BODY_OFFSET);
    this.books.receive(number, bytes.readUInt16BE(start + ID_OFFSET - 2), this.number);
    this.left -= 1;
    // A few of the last are still unanswered when it breaks down.
    if (this.left < RDY && this.random.chance(1, 2)) return;
    this.books.finish(number, this.number);
    const from = start + ID_OFFSET;
    this.fins.push(Buffer.from(`FIN ${bytes.toString("latin1", from, from + ID_BYTES)}\n`, "latin1"));
  }

  protected override afterChunk(): void {
    if (this.fins.length > 0) this.socket.write(Buffer.concat(this.fins));
    this.fins = [];
    if (this.left <= 0) this.breakDown();
  }

  protected override told(text: string): void {
    if (text === "CLOSE_WAIT") this.answered?.();
  }

  /** Goes when its FINs have been done. */
  async close(): Promise<void> {
    if (this.isDone) return;
    await new Promise<void>((resolve) => {
      this.answered = resolve;
      this.socket.write(CLOSE);
    });
    this.isDone = true;
    this.socket.destroy();
  }

  /** Goes with the messages it has, and with FINs that may not arrive. */
  breakDown(): void {
    if (this.isDone) return;
    this.isDone = true;
    this.books.lose(this.number);
    if (this.random.chance(1, 2)) this.socket.resetAndDestroy();
    else this.socket.destroy();
  }
}
