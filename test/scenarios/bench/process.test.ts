import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const MAIN = fileURLToPath(new URL("../../../scenarios/bench/main.ts", import.meta.url));

test("a benchmark measures the daemon over TCP and prints one document", () => {
  const args = ["--import", "tsx", MAIN, "ping-pong", "--runs", "1", "--json"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect(status, stderr).toBe(0);
  const document = JSON.parse(stdout) as { readonly results: readonly Record<string, unknown>[] };
  expect(document).toMatchObject({ code: "source", runs: 1, peer: null });
  expect(document.results).toHaveLength(2);
  expect(document.results[0]).toMatchObject({ benchmark: "ping-pong", unit: "msg/s", peer: null, ratio: null });
  const { median } = document.results[0]!["ours"] as { readonly median: number };
  expect(median).toBeGreaterThan(100);
  expect(stderr).toContain("ping-pong rate");
});
