import { setTimeout as sleep } from "node:timers/promises";
import type { Benchmark } from "./benchmark.ts";
import { startDaemon } from "./daemon.ts";
import { type Generator, startGenerator } from "./load/generator.ts";
import type { Program } from "./program.ts";
import { BODY_BYTES, DISK_FLAGS, MEMORY_FLAGS } from "./tcp.ts";

const MESSAGES = 1_000_000;
const WARM_UP_MESSAGES = 20_000;
/** Lets a garbage collector that has work to do come to rest. */
const SETTLE_MS = 500;

/** Resident memory of a broker of its own, per queued message, with one, two and three channels. */
export const memory: Benchmark = {
  name: "memory",
  overTcp: true,
  measures: [
    {
      name: "1-channel",
      about: "resident bytes per queued 200-byte message, 1 M messages",
      unit: "B/msg",
      better: "less",
      goal: 300,
    },
    { name: "2nd-channel", about: "more with a second channel", unit: "B/msg", better: "less", goal: 40 },
    { name: "3rd-channel", about: "more with a third channel", unit: "B/msg", better: "less", goal: 40 },
    {
      name: "on-disk",
      about: "the same with one channel, all but 10,000 on disk, over the daemon as it started",
      unit: "MB",
      better: "less",
      goal: 40,
    },
  ],
  async prepare(program) {
    const generator = startGenerator();
    return {
      async run() {
        const one = await perMessage(program, generator, 1);
        const two = await perMessage(program, generator, 2);
        const three = await perMessage(program, generator, 3);
        const onDisk = await filled(program, generator, 1, DISK_FLAGS);
        return [one, two - one, three - two, (onDisk.after - onDisk.idle) / 1e6];
      },
      async done() {
        generator.stop();
      },
    };
  },
};

async function perMessage(program: Program, generator: Generator, channels: number): Promise<number> {
  const { warm, after } = await filled(program, generator, channels, MEMORY_FLAGS);
  return (after - warm) / MESSAGES;
}

/** Resident bytes of a daemon that has just started, that has had some messages, and that holds {@link MESSAGES}. */
interface Filled {
  readonly idle: number;
  readonly warm: number;
  readonly after: number;
}

async function filled(
  program: Program,
  generator: Generator,
  channels: number,
  flags: readonly string[],
): Promise<Filled> {
  const daemon = await startDaemon(program, flags);
  const fill = (topic: string, count: number) =>
    generator.perform({
      kind: "publish",
      port: daemon.tcpPort,
      topic,
      connections: 1,
      window: 4,
      batch: 200,
      bodyBytes: BODY_BYTES,
      count,
      limitMs: 60_000,
    });
  try {
    await sleep(SETTLE_MS);
    const idle = await daemon.residentBytes();
    await daemon.post("/topic/create?topic=warm_up");
    await fill("warm_up", WARM_UP_MESSAGES);
    await daemon.post("/topic/delete?topic=warm_up");
    await daemon.post("/topic/create?topic=memory");
    for (let channel = 1; channel <= channels; channel += 1)
      await daemon.post(`/channel/create?topic=memory&channel=ch${channel}`);
    await sleep(SETTLE_MS);
    const warm = await daemon.residentBytes();
    const { messages } = await fill("memory", MESSAGES);
    if (messages !== MESSAGES) throw new Error(`only ${messages} messages of ${MESSAGES} were published in time`);
    await sleep(SETTLE_MS);
    return { idle, warm, after: await daemon.residentBytes() };
  } finally {
    await daemon.stop();
  }
}
