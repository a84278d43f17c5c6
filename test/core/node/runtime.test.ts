import { expect, test } from "vitest";
import { RuntimeWatch } from "../../../core/node/runtime.ts";

function blockFor(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test("a blocked event loop shows once, in the figures that follow", async () => {
  const watch = new RuntimeWatch();
  expect(watch.figures().eventLoopLag).toEqual({ p50: 0, p99: 0, max: 0 });
  await new Promise((resolve) => setTimeout(resolve, 30));
  blockFor(400);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(watch.figures().eventLoopLag.max).toBeGreaterThan(0.3);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(watch.figures().eventLoopLag.max).toBeLessThan(0.3);
});

test("memory, processor time and files", () => {
  const { residentBytes, heapUsedBytes, processorSeconds, openFiles } = new RuntimeWatch().figures();
  expect(residentBytes).toBeGreaterThan(heapUsedBytes);
  expect(heapUsedBytes).toBeGreaterThan(1e6);
  expect(processorSeconds).toBeGreaterThan(0);
  if (process.platform === "linux") expect(openFiles).toBeGreaterThan(2);
});
