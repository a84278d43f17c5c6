/** Hostile nsqds and askers of an nsqlookupd, drawn from a seed, beside one nsqd that must stay findable. */
import { expect, test } from "vitest";
import { startNsqlookupd } from "../../core/nsqlookupd/nsqlookupd.ts";
import { DEFAULT_LOOKUPD_OPTIONS } from "../../core/nsqlookupd/options.ts";
import { bytesOf } from "../../core/protocol/text.ts";
import { type Micros, SECOND } from "../../core/time.ts";
import { type FakeClient, FakeHost, int32, sized } from "../core/nsqd/fake-host.ts";
import type { Draw } from "./draw.ts";
import { ask, drawRequest, mustServe } from "./http-requests.ts";
import { FUZZ_TIMEOUT_MS, fuzz, ROUND } from "./inputs.ts";
import { mutate, spoil } from "./mutate.ts";

const TOPICS = ["t", "u", "t#ephemeral"] as const;
const CHANNELS = ["c", "d", ""] as const;
/** After an error a peer is cut off. */
const LINGER: Micros = SECOND;

const FIELDS: Readonly<Record<string, readonly unknown[]>> = {
  broadcast_address: ["intruder", "intruder", "intruder", "", 1, null],
  hostname: ["h", "h", "", []],
  tcp_port: [4150, 4150, 4150, 0, -1, 1e300, "4150"],
  http_port: [4151, 4151, 4151, 0, 65_536, {}],
  version: ["1.3.0", "1.3.0", "1.3.0", ""],
  extra: [[[[{}]]]],
};

function identity(draw: Draw): string {
  const fields = Object.fromEntries(Object.entries(FIELDS).map(([name, values]) => [name, draw.pick(values)]));
  const json = draw.once(2) ? { broadcast_address: "intruder", tcp_port: 1, http_port: 2, version: "v" } : fields;
  const text = JSON.stringify(json);
  return `IDENTIFY\n${sized(draw.once(10) ? mutate(text, draw) : text)}`;
}

function name(draw: Draw, names: readonly string[]): string {
  return draw.once(30) ? draw.oddText() : draw.pick(names);
}

const COMMANDS: readonly ((draw: Draw) => string)[] = [
  () => "PING\n",
  (draw) => `REGISTER ${name(draw, TOPICS)} ${name(draw, CHANNELS)}\n`,
  (draw) => `REGISTER ${name(draw, TOPICS)} ${name(draw, CHANNELS)}\n`,
  (draw) => `UNREGISTER ${name(draw, TOPICS)} ${name(draw, CHANNELS)}\n`,
  (draw) => `UNREGISTER ${name(draw, TOPICS)}\n`,
  (draw) => (draw.once(5) ? identity(draw) : "  PING\r\n"),
  (draw) => (draw.once(5) ? `IDENTIFY\n${int32(draw.int32())}` : "PING\n"),
  (draw) => (draw.once(5) ? `${draw.oddText()}\n` : "PING \n"),
];

function drawConversation(draw: Draw): string[] {
  const magic = draw.once(30) ? draw.oddText() : "  V1";
  return [magic + (draw.once(8) ? "" : identity(draw)), ...draw.many(0, 12, () => draw.pick(COMMANDS)(draw))];
}

class Directory {
  readonly host = new FakeHost();
  private readonly nsqd: FakeClient;

  constructor() {
    this.host.step(() => startNsqlookupd(this.host, DEFAULT_LOOKUPD_OPTIONS, { ready: mustServe }));
    this.nsqd = this.host.client();
    const fields = { broadcast_address: "neighbour", hostname: "n", tcp_port: 1, http_port: 2, version: "1.3.0" };
    this.nsqd.send(`  V1IDENTIFY\n${sized(JSON.stringify(fields))}REGISTER neighbour c\n`);
    this.nsqd.bytes();
  }

  get timers(): number {
    return this.host.armedTimers;
  }

  /** The neighbour is answered, and found: it alone for its own topic. */
  expectService(): void {
    const answer = this.nsqd.send("PING\n").bytes();
    if (String.fromCharCode(...answer) !== sized("OK")) throw new Error("a neighbour's PING is not answered");
    const { status, body } = ask(this.host, { method: "GET", target: "/lookup?topic=neighbour", body: "" });
    const found = JSON.parse(String(body)) as { channels: string[]; producers: { broadcast_address: string }[] };
    const producers = found.producers.map(({ broadcast_address }) => broadcast_address).join();
    if (status !== 200 || producers !== "neighbour" || found.channels.join() !== "c") {
      throw new Error(`a neighbour is not found: ${String(body)}`);
    }
  }

  /** Producers known at all. */
  producers(): string[] {
    const { body } = ask(this.host, { method: "GET", target: "/nodes", body: "" });
    const { producers } = JSON.parse(String(body)) as { producers: { broadcast_address: string }[] };
    return producers.map(({ broadcast_address }) => broadcast_address);
  }
}

function converse(directory: Directory, draw: Draw): void {
  const { host } = directory;
  const client = host.client();
  const pieces = drawConversation(draw);
  for (const piece of draw.once(2) ? [spoil(pieces.join(""), draw)] : pieces) {
    if (client.ended || client.destroyed) break;
    client.isFull = draw.once(12);
    client.send(bytesOf(piece));
    if (client.isReadingPaused) client.drain();
    if (client.isReadingPaused) throw new Error("it is not read again, though it reads");
    if (draw.once(20)) host.advance(draw.pick([1, SECOND, 301 * SECOND]));
    directory.expectService();
  }
  if (draw.once(2)) {
    client.finish();
    if (!client.ended) throw new Error("it finished, and is not answered with an end");
    if (draw.once(4)) host.advance(LINGER);
  }
  client.close();
  if (directory.timers > 0) throw new Error("a timer is left of one who is gone");
}

test(
  "whatever nsqds send, nsqlookupd lives, ends and forgets them, and knows their neighbours",
  async () => {
    await fuzz("nsqlookupd", 0.15, (draw) => {
      const directory = new Directory();
      for (let input = 0; input < ROUND; input += 1) {
        if (draw.once(3)) ask(directory.host, drawRequest(draw, "nsqlookupd"));
        converse(directory, draw);
        directory.expectService();
      }
      expect(directory.producers()).toEqual(["neighbour"]);
    });
  },
  FUZZ_TIMEOUT_MS,
);
