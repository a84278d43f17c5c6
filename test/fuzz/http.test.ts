/** Requests drawn from a seed, to an nsqd that must go on publishing and delivering. */
import { test } from "vitest";
import { startNsqd } from "../../core/nsqd/nsqd.ts";
import { DEFAULT_OPTIONS } from "../../core/nsqd/options.ts";
import { SECOND } from "../../core/time.ts";
import { FakeHost } from "../core/nsqd/fake-host.ts";
import { ask, drawRequest, mustServe } from "./http-requests.ts";
import { FUZZ_TIMEOUT_MS, fuzz, ROUND } from "./inputs.ts";

/** Whatever is asked: nothing else is ever wrong. */
const STATUSES = new Set([200, 204, 301, 307, 308, 400, 403, 404, 405, 413]);

class Publisher {
  readonly host = new FakeHost();
  private readonly consumer;
  private published = 0;

  constructor() {
    const options = { ...DEFAULT_OPTIONS, nodeId: 5, maxMsgSize: 1000, maxBodySize: 2000, memQueueSize: 1000 };
    this.host.step(() => startNsqd(this.host, options, { ready: mustServe }));
    this.consumer = this.host.client();
    this.consumer.send("  V2SUB neighbour c\nRDY 1\n");
    this.consumer.frames();
  }

  expectService(): void {
    this.published += 1;
    const body = String(this.published);
    const { status } = ask(this.host, { method: "POST", target: "/pub?topic=neighbour", body });
    const [message, ...others] = this.consumer.frames().filter(({ text }) => text !== "_heartbeat_");
    if (status !== 200 || message?.text !== body || others.length > 0) {
      throw new Error(`a neighbour is answered ${status} and gets ${JSON.stringify([message, ...others])}`);
    }
    this.consumer.send(`FIN ${message.id}\nNOP\n`);
  }
}

test(
  "whatever is asked over HTTP, nsqd answers once, and serves its neighbours",
  async () => {
    await fuzz("http", 0.1, (draw) => {
      const publisher = new Publisher();
      for (let input = 0; input < ROUND; input += 1) {
        const request = drawRequest(draw, "nsqd");
        const { status, headers, body } = ask(publisher.host, request);
        if (!STATUSES.has(status)) throw new Error(`${request.method} ${request.target}: ${status}`);
        if (headers["Content-Type"]?.startsWith("application/json") === true) JSON.parse(String(body));
        if (draw.once(10)) publisher.host.advance(draw.pick([1, SECOND, 30 * SECOND]));
        publisher.expectService();
      }
    });
  },
  FUZZ_TIMEOUT_MS,
);
