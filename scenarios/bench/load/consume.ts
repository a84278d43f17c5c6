import { LoadConnection, nowUs } from "./connection.ts";
import type { ConsumeJob, JobResult } from "./job.ts";
import {
  CLOSE,
  FrameCutter,
  ID_BYTES,
  ID_OFFSET,
  NOP,
  identifyCommands,
  responseText,
  subscribeCommands,
} from "./wire.ts";

const FIN_BYTES = 21;
const FINS_PER_WRITE = 4096;

/**
 * The clock runs from RDY until the broker has answered CLS, which it does after it has executed every FIN before it:
 * FINs themselves are not answered.
 */
export async function consume(job: ConsumeJob): Promise<JobResult> {
  const connection = await LoadConnection.open(job.port);
  try {
    return await drive(job, connection);
  } finally {
    connection.socket.destroy();
  }
}

function drive(job: ConsumeJob, connection: LoadConnection): Promise<JobResult> {
  const { socket } = connection;
  return new Promise((resolve, reject) => {
    const startUs = nowUs();
    let received = 0;
    let fins = finBatch();
    let used = 0;
    const flush = (): void => {
      if (used === 0) return;
      socket.write(fins.subarray(0, used));
      fins = finBatch();
      used = 0;
    };
    const cutter = new FrameCutter({
      message(bytes, start) {
        received += 1;
        const from = start + ID_OFFSET;
        for (let index = 0; index < ID_BYTES; index += 1) fins[used + 4 + index] = bytes[from + index]!;
        used += FIN_BYTES;
        if (used === fins.length) flush();
      },
      response(bytes, start, end) {
        const text = responseText(bytes, start, end);
        if (text === "CLOSE_WAIT") resolve({ messages: received, elapsedUs: nowUs() - startUs });
        else if (text === "_heartbeat_") socket.write(NOP);
      },
      error: (text) => reject(new Error(`broker answered ${text}`)),
    });
    connection.received = (bytes) => {
      const before = received;
      cutter.push(bytes);
      flush();
      if (before < job.count && received >= job.count) socket.write(CLOSE);
    };
    socket.on("error", reject);
    socket.on("close", () => reject(new Error(`the broker closed the connection after ${received} messages`)));
    socket.write(identifyCommands());
    socket.write(subscribeCommands(job.topic, job.channel, job.rdy));
  });
}

const TEMPLATE = Buffer.alloc(FIN_BYTES * FINS_PER_WRITE, "FIN 0123456789abcdef\n", "latin1");

/** FIN commands whose ids are still to be filled in. */
function finBatch(): Buffer {
  const bytes = Buffer.allocUnsafeSlow(TEMPLATE.length);
  TEMPLATE.copy(bytes);
  return bytes;
}
