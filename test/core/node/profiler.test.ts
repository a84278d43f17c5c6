import { expect, test } from "vitest";
import { HostError } from "../../../core/host.ts";
import { NodeProfiler } from "../../../core/node/profiler.ts";

type Take = (profiler: NodeProfiler, done: (result: HostError | string) => void) => void;

test.each<[string, Take, string]>([
  ["processor", (profiler, done) => profiler.profileProcessor(0.05, done), "samples"],
  ["heap", (profiler, done) => profiler.profileHeap(0.05, done), "head"],
])("a profile of the %s, one at a time", async (_, take, key) => {
  const profiler = new NodeProfiler();
  const first = new Promise<HostError | string>((resolve) => take(profiler, resolve));
  const second = await new Promise<HostError | string>((resolve) => take(profiler, resolve));
  expect(second).toBeInstanceOf(HostError);
  expect(second).toMatchObject({ code: "EBUSY" });
  expect(JSON.parse(String(await first))).toHaveProperty(key);
  const third = await new Promise<HostError | string>((resolve) => take(profiler, resolve));
  expect(JSON.parse(String(third))).toHaveProperty(key);
});

test("what the event loop waits for", () => {
  const timer = setTimeout(() => {}, 1000);
  expect(new NodeProfiler().pending().get("Timeout")).toBeGreaterThanOrEqual(1);
  clearTimeout(timer);
});

test("garbage is collected", () => {
  const kept = new WeakRef({ large: Array.from({ length: 1000 }) });
  return new Promise<void>((resolve) => {
    setImmediate(() => {
      new NodeProfiler().collectGarbage();
      expect(kept.deref()).toBeUndefined();
      resolve();
    });
  });
});
