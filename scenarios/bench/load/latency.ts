import { LoadConnection, nowUs } from "./connection.ts";
import type { JobResult, LatencyJob } from "./job.ts";
import {
  FrameCutter,
  ID_BYTES,
  ID_OFFSET,
  MAGIC,
  identifyCommands,
  isOk,
  publishCommand,
  subscribeCommands,
} from "./wire.ts";

/** Rest between two messages, so that the broker is idle when the next one comes. */
const REST_MS = 1;

/** One producer connection, one consumer connection, one message in the whole broker. */
export async function latency(job: LatencyJob): Promise<JobResult> {
  const [publishing, consuming] = await Promise.all([LoadConnection.open(job.port), LoadConnection.open(job.port)]);
  const { socket: producer } = publishing;
  const { socket: consumer } = consuming;
  const command = publishCommand(job.topic, 1, job.bodyBytes);
  const fin = Buffer.from("FIN 0123456789abcdef\n", "latin1");
  const samplesUs: number[] = [];
  let sentUs = 0;
  let subscribed = false;
  /** An answer to the publish and a delivery: both must be seen before the next. */
  let awaited = 2;

  try {
    return await new Promise<JobResult>((resolve, reject) => {
      const startUs = nowUs();
      const next = (): void => {
        awaited = 2;
        sentUs = nowUs();
        producer.write(command);
      };
      const seen = (): void => {
        awaited -= 1;
        if (awaited > 0) return;
        if (samplesUs.length < job.count) setTimeout(next, REST_MS);
        else
          resolve({ messages: samplesUs.length, elapsedUs: nowUs() - startUs, samplesUs: samplesUs.sort(ascending) });
      };
      const error = (text: string): void => reject(new Error(`broker answered ${text}`));
      const fromBroker = new FrameCutter({
        message(bytes, start) {
          samplesUs.push(nowUs() - sentUs);
          bytes.copy(fin, 4, start + ID_OFFSET, start + ID_OFFSET + ID_BYTES);
          consumer.write(Buffer.from(fin));
          seen();
        },
        response(bytes, start, end) {
          // IDENTIFY and SUB both answer OK or JSON; the first message may go when SUB has.
          if (!isOk(bytes, start, end) || subscribed) return;
          subscribed = true;
          setTimeout(next, 50);
        },
        error,
      });
      const toBroker = new FrameCutter({
        response: (bytes, start, end) => (isOk(bytes, start, end) ? seen() : undefined),
        message: () => reject(new Error("a message on a connection that only publishes")),
        error,
      });
      consuming.received = (bytes) => fromBroker.push(bytes);
      publishing.received = (bytes) => toBroker.push(bytes);
      for (const socket of [producer, consumer]) {
        socket.on("error", reject);
        socket.on("close", () => reject(new Error("the broker closed the connection")));
      }
      producer.write(MAGIC);
      consumer.write(identifyCommands());
      consumer.write(subscribeCommands(job.topic, job.channel, 1));
    });
  } finally {
    producer.destroy();
    consumer.destroy();
  }
}

function ascending(a: number, b: number): number {
  return a - b;
}
