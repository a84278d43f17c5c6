import { describe, expect, test } from "vitest";
import type { RuntimeFigures } from "../../../core/host.ts";
import { showMetrics } from "../../../core/nsqd/http/metrics.ts";
import { PrometheusText } from "../../../core/nsqd/http/prometheus.ts";
import { MetadataKeeper } from "../../../core/nsqd/metadata.ts";
import type { NsqdOptions } from "../../../core/nsqd/options.ts";
import { FakeLookup } from "./fake-admin.ts";
import { mpub, pub } from "./fake-host.ts";
import { type Family, parsePrometheus } from "./prometheus-parser.ts";
import { Rig } from "./rig.ts";

function addresses(): { tcpAddress: string; httpAddress: string } {
  return { tcpAddress: "", httpAddress: "" };
}

function scrape({ host, broker }: Rig): Map<string, Family> {
  const metadata = new MetadataKeeper(host, broker, true);
  const answer = showMetrics({ host, admin: broker, metadata, lookup: new FakeLookup(), addresses });
  expect(answer).toMatchObject({
    status: 200,
    headers: { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" },
  });
  return parsePrometheus(String(answer.body));
}

/** The value of the only series with these labels. */
function valueOf(families: Map<string, Family>, name: string, labels: Record<string, string> = {}): number | undefined {
  const found = families
    .get(name)
    ?.samples.filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value));
  expect(found?.length ?? 0).toBeLessThanOrEqual(1);
  return found?.[0]?.value;
}

function busy(options: Partial<NsqdOptions> = {}): Rig {
  const rig = new Rig(options);
  const consumer = rig.consumer(2);
  rig.client(mpub("t", ["abc", "de", "f"]));
  rig.client("DPUB t 60000\n\0\0\0\u0001x");
  const [first, second] = consumer.frames();
  rig.host.advance(20_000);
  consumer.send(`FIN ${first!.id}\nREQ ${second!.id} 0\n`);
  rig.client("SUB u d\n");
  rig.do((broker) => {
    broker.topic("u")!.setPaused(true);
    broker.topic("u")!.channel("d")!.setPaused(true);
  });
  rig.client(pub("u", "x"));
  return rig;
}

describe("/metrics", () => {
  test("tells what /stats tells", () => {
    const rig = busy();
    const families = scrape(rig);
    const t = { topic: "t" };
    const c = { ...t, channel: "c" };
    expect(valueOf(families, "nsqd_info", { version: rig.broker.options.version })).toBe(1);
    expect(valueOf(families, "nsqd_healthy")).toBe(1);
    expect(valueOf(families, "nsqd_start_time_seconds")).toBe(rig.broker.startTime);
    expect(valueOf(families, "nsqd_connections")).toBe(5);
    expect(valueOf(families, "nsqd_topic_messages_total", t)).toBe(4);
    expect(valueOf(families, "nsqd_topic_message_bytes_total", t)).toBe(7);
    expect(valueOf(families, "nsqd_topic_depth", { topic: "u" })).toBe(1);
    expect(valueOf(families, "nsqd_topic_paused", t)).toBe(0);
    expect(valueOf(families, "nsqd_topic_paused", { topic: "u" })).toBe(1);
    const { in_flight_count, depth } = rig.channel();
    expect(in_flight_count).toBe(2);
    expect(valueOf(families, "nsqd_channel_in_flight", c)).toBe(in_flight_count);
    expect(valueOf(families, "nsqd_channel_depth", c)).toBe(depth);
    expect(valueOf(families, "nsqd_channel_messages_total", c)).toBe(4);
    expect(valueOf(families, "nsqd_channel_requeues_total", c)).toBe(1);
    expect(valueOf(families, "nsqd_channel_timeouts_total", c)).toBe(0);
    expect(valueOf(families, "nsqd_channel_deferred", c)).toBe(1);
    expect(valueOf(families, "nsqd_channel_clients", c)).toBe(1);
    expect(valueOf(families, "nsqd_channel_paused", { topic: "u", channel: "d" })).toBe(1);
    expect(families.has("nsqd_topic_e2e_latency_seconds")).toBe(false);
    expect(families.has("process_open_fds")).toBe(false);
  });

  test("latencies in seconds, once there are some", () => {
    const families = scrape(busy({ e2eProcessingLatencyPercentiles: [1, 0.5] }));
    expect(valueOf(families, "nsqd_topic_e2e_latency_seconds", { topic: "t", quantile: "0.5" })).toBe(0.02);
    expect(valueOf(families, "nsqd_channel_e2e_latency_seconds", { channel: "c", quantile: "1" })).toBe(0.02);
    expect(valueOf(families, "nsqd_channel_e2e_latency_seconds", { channel: "d" })).toBeUndefined();
  });

  test("the process, where there is one", () => {
    const rig = new Rig();
    const figures: RuntimeFigures = {
      eventLoopLag: { p50: 0.001, p99: 0.02, max: 1e-7 },
      heapUsedBytes: 5,
      residentBytes: 6,
      processorSeconds: 7.5,
      openFiles: 8,
    };
    Object.assign(rig.host, { runtime: () => figures });
    const families = scrape(rig);
    expect(valueOf(families, "nodejs_eventloop_lag_p99_seconds")).toBe(0.02);
    expect(valueOf(families, "nodejs_eventloop_lag_max_seconds")).toBe(1e-7);
    expect(valueOf(families, "nodejs_heap_size_used_bytes")).toBe(5);
    expect(valueOf(families, "process_resident_memory_bytes")).toBe(6);
    expect(valueOf(families, "process_cpu_seconds_total")).toBe(7.5);
    expect(valueOf(families, "process_open_fds")).toBe(8);
  });
});

test("labels are escaped", () => {
  const text = new PrometheusText();
  text.family("a", "gauge", "Help.");
  text.family("b_total", "counter", "No samples: not shown.");
  text.add("a", 1, { label: 'back\\slash, "quote", new\nline' });
  const families = parsePrometheus(text.toString());
  expect([...families.keys()]).toEqual(["a"]);
  expect(families.get("a")?.samples).toEqual([{ labels: { label: 'back\\slash, "quote", new\nline' }, value: 1 }]);
});

test.each([
  ["no end", "# HELP a A.\n# TYPE a gauge\na 1"],
  ["no type", "# HELP a A.\na 1\n"],
  ["apart", "# HELP a A.\n# TYPE a gauge\na 1\n# HELP b B.\n# TYPE b gauge\nb 1\na 2\n"],
  ["twice", '# HELP a A.\n# TYPE a gauge\na{x="1",y="2"} 1\na{y="2",x="1"} 1\n'],
  ["bad label", "# HELP a A.\n# TYPE a gauge\na{x=1} 1\n"],
  ["bad value", "# HELP a A.\n# TYPE a gauge\na one\n"],
  ["counter", "# HELP a A.\n# TYPE a counter\na 1\n"],
])("the parser of these tests refuses: %s", (_, text) => {
  expect(() => parsePrometheus(text)).toThrow();
});
