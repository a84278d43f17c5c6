import { expect, test } from "vitest";
import { startDaemon } from "../../../scenarios/bench/daemon.ts";
import { latency } from "../../../scenarios/bench/load/latency.ts";
import { publish } from "../../../scenarios/bench/load/publish.ts";
import { echoNsqd } from "../../../scenarios/bench/program.ts";

test("the bare peer answers every publish, in batches and pieces, and hands messages on", async () => {
  const daemon = await startDaemon(echoNsqd(), []);
  try {
    const common = { port: daemon.tcpPort, topic: "t", bodyBytes: 3_000 };
    const load = { kind: "publish", ...common, connections: 3, limitMs: 10_000 } as const;
    expect(await publish({ ...load, window: 50, batch: 1, count: 300 })).toMatchObject({ messages: 300 });
    expect(await publish({ ...load, window: 2, batch: 10, count: 300 })).toMatchObject({ messages: 300 });
    const { samplesUs } = await latency({ kind: "latency", ...common, channel: "ch", count: 5 });
    expect(samplesUs).toHaveLength(5);
  } finally {
    await daemon.stop();
  }
});
