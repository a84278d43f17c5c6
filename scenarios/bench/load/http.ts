import { LoadConnection, nowUs } from "./connection.ts";
import type { HttpJob, JobResult } from "./job.ts";

/** Posts on keep-alive connections, one request at a time on each. */
export async function postOverHttp(job: HttpJob): Promise<JobResult> {
  const connections = await Promise.all(Array.from({ length: job.connections }, () => LoadConnection.open(job.port)));
  try {
    return await drive(job, connections);
  } finally {
    for (const { socket } of connections) socket.destroy();
  }
}

function drive(job: HttpJob, connections: readonly LoadConnection[]): Promise<JobResult> {
  const request = encode(job);
  const requests = Math.ceil(job.count / job.lines);
  let sent = 0;
  let answered = 0;
  const send = ({ socket }: LoadConnection): void => {
    if (sent === requests) return;
    sent += 1;
    socket.write(request);
  };

  return new Promise((resolve, reject) => {
    const startUs = nowUs();
    const stopUs = startUs + job.limitMs * 1000;
    for (const connection of connections) {
      const { socket } = connection;
      let rest = "";
      connection.received = (bytes) => {
        rest += bytes.toString("latin1");
        if (!isWhole(rest)) return;
        if (!rest.startsWith("HTTP/1.1 200 ")) reject(new Error(`the broker answered ${rest}`));
        rest = "";
        answered += 1;
        const now = nowUs();
        if (now < stopUs) send(connection);
        if (answered === sent && (sent === requests || now >= stopUs))
          resolve({ messages: answered * job.lines, elapsedUs: now - startUs });
      };
      socket.on("error", reject);
      socket.on("close", () => reject(new Error("the broker closed the connection")));
    }
    for (const connection of connections) send(connection);
  });
}

/** POST /pub of one message, or /mpub of as many lines. */
function encode({ topic, lines, bodyBytes }: HttpJob): Buffer {
  const line = "x".repeat(bodyBytes);
  const body = lines === 1 ? line : `${line}\n`.repeat(lines);
  const target = `/${lines === 1 ? "pub" : "mpub"}?topic=${topic}`;
  return Buffer.from(
    `POST ${target} HTTP/1.1\r\nHost: bench\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    "latin1",
  );
}

/** True when a response has come to its end: nsqd states the length of every one of these. */
function isWhole(response: string): boolean {
  const head = response.indexOf("\r\n\r\n");
  if (head === -1) return false;
  const stated = /\r\ncontent-length: *(\d+)\r\n/i.exec(response);
  return response.length >= head + 4 + Number(stated?.[1] ?? 0);
}
