/** The drawn conversations and requests once more, over real connections, where half of it is Node's. */
import net from "node:net";
import path from "node:path";
import { expect, test } from "vitest";
import { bytesOf } from "../../core/protocol/text.ts";
import { identify } from "../core/nsqd/fake-host.ts";
import { drawConversation } from "../fuzz/conversation.ts";
import type { Draw } from "../fuzz/draw.ts";
import { drawRequest } from "../fuzz/http-requests.ts";
import { FUZZ_TIMEOUT_MS, fuzz, ROUND } from "../fuzz/inputs.ts";
import { spoil } from "../fuzz/mutate.ts";
import { Neighbours, pause, type Service } from "./neighbours.ts";
import { Served } from "./served.ts";

/** After a refusal the daemon waits that long for the other side to close, and reads that long from who goes on. */
const LINGER_MS = 1500;
/** Of the daemon, whatever it was sent. The inputs' topics keep their messages, which is no leak. */
const MEMORY_GROWTH = 64 * 1024 * 1024;

const LIMITS = ["--max-msg-size=1000", "--max-body-size=2000", "--mem-queue-size=100"];
const TLS = ["cert=server.pem", "key=server.key"].map((flag) => {
  const [name, file] = flag.split("=");
  return `--tls-${name}=${path.resolve(import.meta.dirname, "../golden/fixtures/tls", file!)}`;
});

/** The text of a request as it travels: headers that lie now and then. */
function rawRequest(draw: Draw): string {
  const { method, target, body } = drawRequest(draw, "nsqd");
  const length = draw.once(10) ? draw.oddText() : String(body.length);
  const chunked = draw.once(10) ? `Transfer-Encoding: chunked\r\n` : "";
  const more = draw.once(5) ? `${draw.oddText()}: ${draw.oddText()}\r\n` : "";
  const head = `${method} ${target} HTTP/1.${draw.integer(0, 1)}\r\nHost: x\r\nContent-Length: ${length}\r\n`;
  return `${head}${chunked}${more}\r\n${body}`;
}

/** Now and then TLS or a compression is agreed on, and then something else is sent, or a ClientHello that is none. */
function upgrade(draw: Draw): string[] {
  if (!draw.once(3)) return [];
  const layers = { tls_v1: draw.once(2), deflate: draw.once(2), snappy: draw.once(4), deflate_level: 9 };
  const greeting = `  V2${identify({ feature_negotiation: true, ...layers })}`;
  const hello = `\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03${draw.bytes(600)}`;
  return draw.once(2) ? [greeting, hello] : [greeting];
}

/** Sends what was drawn to where it belongs, and goes: politely, by a reset, or when the daemon wants it. */
async function intrude(served: Served, draw: Draw): Promise<void> {
  const toHttp = draw.once(3);
  const said = toHttp ? draw.many(1, 3, () => rawRequest(draw)) : [...upgrade(draw), ...drawConversation(draw)];
  const pieces = draw.once(2) ? said : [spoil(said.join(""), draw)];
  const farewell = draw.pick(["end", "reset", "stay"] as const);
  const port = toHttp === draw.once(50) ? served.tcpPort : draw.once(4) ? served.httpsPort : served.httpPort;
  const socket = net.connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  // A reset is one way to be refused.
  socket.on("error", () => {});
  if (!draw.once(8)) socket.resume();
  const closed = new Promise((resolve) => socket.once("close", resolve));
  for (const piece of pieces) {
    socket.write(bytesOf(piece));
    if (draw.once(4)) await pause(1);
  }
  if (farewell === "end") socket.end();
  if (farewell === "reset") socket.resetAndDestroy();
  await Promise.race([closed, pause(20)]);
  socket.destroy();
}

test(
  "whatever comes over real connections, the daemon lives, lets go, and its neighbours notice nothing",
  async () => {
    const served = await Served.start([...LIMITS, ...TLS]);
    let service: Service | null = null;
    try {
      const neighbours = new Neighbours(served.tcp);
      await neighbours.atWork();
      const { sockets, resident } = served;
      await fuzz("sockets", 0.05, async (draw) => {
        for (let input = 0; input < ROUND; input += 10) {
          await Promise.all(Array.from({ length: 10 }, () => intrude(served, draw)));
        }
      });
      await pause(LINGER_MS);
      expect(served.sockets).toBe(sockets);
      service = await neighbours.stop();
      expect(served.resident - resident).toBeLessThan(MEMORY_GROWTH);
    } finally {
      await served.stop();
    }
    expect(service.published).toBeGreaterThan(100);
  },
  FUZZ_TIMEOUT_MS,
);
