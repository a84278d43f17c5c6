import { spawn } from "node:child_process";
import path from "node:path";
import { expect, test } from "vitest";

const log = path.resolve(import.meta.dirname, "../../../core/node/log.ts");

/** What is on stderr after two lines were logged. */
function logged(format: "text" | "json"): Promise<string> {
  const program = `
    import { openLog } from ${JSON.stringify(log)};
    const log = await openLog("${format}", "[box] ", "nsqd");
    log("warn", "a < \\"b\\"\\n", { topic: "t", count: 3 });
    log("fatal", "the end");
    process.exit(0);`;
  const args = ["--import", "tsx", "--input-type=module", "--eval", program];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "pipe"] });
    let text = "";
    child.stderr.on("data", (bytes: Buffer) => (text += bytes.toString()));
    child.on("close", () => resolve(text));
  });
}

test("text, as nsqd writes it", async () => {
  const lines = await logged("text");
  const time = String.raw`\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d{6}`;
  expect(lines).toMatch(
    new RegExp(`^\\[box\\] ${time} WARNING: a < "b"\\n topic=t count=3\\n\\[box\\] ${time} FATAL: the end\\n$`),
  );
});

test("json, an object per line, all of them before the process ends", async () => {
  const began = Date.now();
  const lines = (await logged("json")).trimEnd().split("\n");
  const objects = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(objects).toMatchObject([
    { level: 40, name: "nsqd", msg: 'a < "b"\n', topic: "t", count: 3 },
    { level: 60, name: "nsqd", msg: "the end" },
  ]);
  expect(objects[0]?.["time"]).toBeGreaterThanOrEqual(began);
});
