/**
 * The least that a broker in Node can do: bare sockets that answer each publish with OK and hand its body to whoever
 * subscribed last. No queue, no channels, no timeouts, no checks. What it needs is the floor of the machine and of Node.
 *
 * Takes nsqd's `--tcp-address` and `--http-address`, and no notice of other flags.
 */
import { createServer } from "node:http";
import { type Socket, createServer as createTcpServer } from "node:net";

const OK = Buffer.from("\0\0\0\x06\0\0\0\0OK", "latin1");
const MAGIC_BYTES = 4;
/** Size, type, timestamp, attempts, id. */
const MESSAGE_HEADER_BYTES = 4 + 4 + 8 + 2 + 16;
const MESSAGE_TYPE = 2;
const LINE_END = 0x0a;

let subscriber: Socket | null = null;

function serve(socket: Socket): void {
  let rest: Buffer | null = null;
  let begun = false;
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.on("close", () => {
    if (subscriber === socket) subscriber = null;
  });
  socket.on("data", (chunk) => {
    const bytes = rest === null ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    if (!begun) {
      if (bytes.length < MAGIC_BYTES) {
        rest = bytes;
        return;
      }
      at = MAGIC_BYTES;
      begun = true;
    }
    const answers: Buffer[] = [];
    for (let end = obey(socket, bytes, at, answers); end > at; end = obey(socket, bytes, at, answers)) at = end;
    rest = at === bytes.length ? null : Buffer.from(bytes.subarray(at));
    if (answers.length === 1) socket.write(answers[0]!);
    else if (answers.length > 1) socket.write(Buffer.concat(answers));
  });
}

/** Takes one command; returns where it ends, or `at` when it is not complete yet. */
function obey(socket: Socket, bytes: Buffer, at: number, answers: Buffer[]): number {
  const lineEnd = bytes.indexOf(LINE_END, at);
  if (lineEnd === -1) return at;
  const kind = bytes[at]!;
  // IDENTIFY, PUB and MPUB have a body; of the others only SUB is answered.
  if (kind === 0x53) {
    subscriber = socket;
    answers.push(OK);
    return lineEnd + 1;
  }
  if (kind !== 0x49 && kind !== 0x50 && kind !== 0x4d) return lineEnd + 1;
  const body = lineEnd + 5;
  if (bytes.length < body) return at;
  const end = body + bytes.readInt32BE(lineEnd + 1);
  if (bytes.length < end) return at;
  answers.push(OK);
  if (kind === 0x50 && subscriber !== null) subscriber.write(message(bytes, body, end));
  return end;
}

function message(bytes: Buffer, from: number, to: number): Buffer {
  const frame = Buffer.alloc(MESSAGE_HEADER_BYTES + to - from);
  frame.writeInt32BE(frame.length - 4, 0);
  frame.writeInt32BE(MESSAGE_TYPE, 4);
  frame.fill("0", MESSAGE_HEADER_BYTES - 16, MESSAGE_HEADER_BYTES);
  bytes.copy(frame, MESSAGE_HEADER_BYTES, from, to);
  return frame;
}

function portOf(flag: string): number {
  const word = process.argv.find((one) => one.startsWith(`--${flag}=`)) ?? "";
  return Number(word.slice(word.lastIndexOf(":") + 1));
}

const http = createServer((request, response) => {
  request.resume();
  response.end("OK");
});
const tcp = createTcpServer(serve);
tcp.listen(portOf("tcp-address"), "127.0.0.1", () => http.listen(portOf("http-address"), "127.0.0.1"));
process.once("SIGTERM", () => process.exit(0));
