import { LoadConnection, nowUs } from "./connection.ts";
import type { JobResult, PublishJob } from "./job.ts";
import { FrameCutter, MAGIC, NOP, isOk, publishCommand, responseText } from "./wire.ts";

/** Keeps `window` commands in flight on each connection: as many as were answered leave again, in one write. */
export async function publish(job: PublishJob): Promise<JobResult> {
  const connections = await Promise.all(Array.from({ length: job.connections }, () => LoadConnection.open(job.port)));
  try {
    return await drive(job, connections);
  } finally {
    for (const { socket } of connections) socket.destroy();
  }
}

function drive(job: PublishJob, connections: readonly LoadConnection[]): Promise<JobResult> {
  const { topics = 1 } = job;
  const stock = encode(job, topics);
  const commandBytes = stock.length / (topics + job.window);
  const commands = Math.ceil(job.count / job.batch);
  let sent = 0;
  let answered = 0;
  const send = ({ socket }: LoadConnection, wanted: number): void => {
    const count = Math.min(wanted, commands - sent);
    if (count <= 0) return;
    const start = (sent % topics) * commandBytes;
    sent += count;
    socket.write(stock.subarray(start, start + count * commandBytes));
  };

  return new Promise((resolve, reject) => {
    const startUs = nowUs();
    const stopUs = startUs + job.limitMs * 1000;
    for (const connection of connections) {
      const { socket } = connection;
      let fresh = 0;
      const cutter = new FrameCutter({
        response(bytes, start, end) {
          if (isOk(bytes, start, end)) fresh += 1;
          else if (responseText(bytes, start, end) === "_heartbeat_") socket.write(NOP);
        },
        message: () => reject(new Error("a message on a connection that only publishes")),
        error: (text) => reject(new Error(`broker answered ${text}`)),
      });
      connection.received = (bytes) => {
        fresh = 0;
        cutter.push(bytes);
        answered += fresh;
        const now = nowUs();
        if (now < stopUs) send(connection, fresh);
        if (answered === sent && (sent === commands || now >= stopUs))
          resolve({ messages: answered * job.batch, elapsedUs: now - startUs });
      };
      socket.on("error", reject);
      socket.on("close", () => reject(new Error("the broker closed the connection")));
      socket.write(MAGIC);
    }
    for (const connection of connections) send(connection, job.window);
  });
}

/** A command for each topic, all of one length, and as many more as go round the corner in one write. */
function encode({ topic, batch, bodyBytes, window }: PublishJob, topics: number): Buffer {
  const name = (index: number): string => (topics === 1 ? topic : topic + String(index).padStart(4, "0"));
  const commands = Array.from({ length: topics }, (_, index) => publishCommand(name(index), batch, bodyBytes));
  return Buffer.concat(Array.from({ length: topics + window }, (_, index) => commands[index % topics]!));
}
