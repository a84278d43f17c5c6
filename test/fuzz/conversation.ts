import { identify, int32, mpub, pub, sized } from "../core/nsqd/fake-host.ts";
import type { Draw } from "./draw.ts";
import { mutate } from "./mutate.ts";

/** Few, so that connections meet. None is the neighbour's. */
const TOPICS = ["t", "u", "t#ephemeral"] as const;
const CHANNELS = ["c", "d", "e#ephemeral"] as const;
const NUMBERS = ["0", "0", "1", "2", "100", "100", "2500", "2501", "3600000", "3600001", "-1", "x"] as const;
const IDS = ["0123456789abcdef", "0123456789ABCDEF", "short", "", "\0".repeat(16)] as const;

/** What nsqd takes, and what it does not. */
const FIELDS: Readonly<Record<string, readonly [good: readonly unknown[], bad: readonly unknown[]]>> = {
  client_id: [
    ["x", "", "\u0000"],
    [1, {}],
  ],
  hostname: [["h"], [[]]],
  feature_negotiation: [[true, true, false], ["yes"]],
  heartbeat_interval: [
    [-1, 0, 1000, 60_000],
    [999, 60_001, 1e300, "1000"],
  ],
  output_buffer_size: [
    [-1, 0, 64, 16_384, 65_536],
    [1, 65_537],
  ],
  output_buffer_timeout: [
    [-1, 0, 25, 30_000],
    [1, 30_001],
  ],
  sample_rate: [
    [0, 1, 50, 99],
    [-1, 100],
  ],
  msg_timeout: [
    [0, 1000, 900_000],
    [-1, 1, 900_001],
  ],
  tls_v1: [[true, false], [0]],
  snappy: [[true, false], ["no"]],
  deflate: [[true, false], [null]],
  deflate_level: [
    [0, 1, 9],
    [-1, 1000],
  ],
  extend_support: [[[{}]], [{ a: [] }]],
};

function topic(draw: Draw): string {
  return draw.once(30) ? draw.oddText() : draw.pick(TOPICS);
}

function channel(draw: Draw): string {
  return draw.once(30) ? draw.oddText() : draw.pick(CHANNELS);
}

function number(draw: Draw): string {
  return draw.once(30) ? draw.oddText() : draw.pick(NUMBERS);
}

function body(draw: Draw): string {
  return draw.once(20) ? "b".repeat(draw.pick([999, 1000, 1001])) : `b${draw.bytes(60)}`;
}

function identity(draw: Draw): string {
  const fields: Record<string, unknown> = {};
  for (const [name, [good, bad]] of Object.entries(FIELDS)) {
    if (draw.once(5)) fields[name] = draw.pick(draw.once(20) ? bad : good);
  }
  return draw.once(20) ? `IDENTIFY\n${sized(mutate(JSON.stringify(fields), draw))}` : identify(fields);
}

type Say = (draw: Draw) => string;

/** What goes wrong by itself. */
const MISTAKES: readonly Say[] = [
  (draw) => `AUTH\n${sized(draw.oddText())}`,
  (draw) => `PUB ${topic(draw)}\n${int32(draw.int32())}`,
  (draw) => `MPUB ${topic(draw)}\n${int32(draw.int32())}${int32(draw.int32())}${int32(draw.int32())}`,
  (draw) => `${draw.pick(["IDENTIFY", "AUTH"])}\n${int32(draw.int32())}`,
  (draw) => `${draw.oddText()}\n`,
  (draw) => `RDY ${draw.oddText()}\n`,
  (draw) => draw.pick(["AUTH\n", "\n", "nop\n", "RDY\n", "SUB t\n"]),
];

const PUBLISHING: readonly Say[] = [
  (draw) => pub(topic(draw), body(draw)),
  (draw) => pub(topic(draw), body(draw)),
  (draw) => `DPUB ${topic(draw)} ${number(draw)}\n${sized(body(draw))}`,
  (draw) =>
    mpub(
      topic(draw),
      draw.many(1, 6, () => body(draw)),
    ),
  (draw) => draw.pick(["NOP\n", "NOP\r\n", "NOP NOP\n"]),
  (draw) => draw.pick(MISTAKES)(draw),
];

const CONSUMING: readonly Say[] = [
  ...PUBLISHING,
  (draw) => `RDY ${number(draw)}\n`,
  (draw) => `RDY ${draw.integer(0, 5)}\n`,
  (draw) => `${draw.pick(["FIN", "TOUCH"])} ${draw.pick(IDS)}\n`,
  (draw) => `REQ ${draw.pick(IDS)} ${number(draw)}\n`,
  (draw) => (draw.once(5) ? "CLS\n" : "NOP\n"),
];

/** What a client of nsqd might say, in pieces as it might say them: mostly right, or nothing would ever be reached. */
export function drawConversation(draw: Draw): string[] {
  const magic = draw.once(30) ? draw.oddText() : "  V2";
  const greeting = draw.once(2) ? identity(draw) : "";
  const isConsumer = draw.once(2);
  const subscription = isConsumer ? `SUB ${topic(draw)} ${channel(draw)}\nRDY ${draw.integer(1, 5)}\n` : "";
  const commands = isConsumer ? CONSUMING : PUBLISHING;
  return [magic + greeting, subscription, ...draw.many(0, 15, () => draw.pick(commands)(draw))];
}

/** An answer to a message with that id. */
export function drawAnswer(draw: Draw, id: string): string {
  return draw.pick([`FIN ${id}\n`, `FIN ${id}\n`, `TOUCH ${id}\n`, `REQ ${id} ${draw.pick(NUMBERS)}\n`]);
}
