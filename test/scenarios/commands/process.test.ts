import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const ARGS = ["--import", "tsx", "scenarios/main.ts"];

describe("the nsqlab process", () => {
  test("ends with the exit code, results on standard output, remarks on standard error", () => {
    const good = spawnSync(process.execPath, [...ARGS, "run", "S11", "--json"], { cwd: ROOT, encoding: "utf8" });
    expect(good.status).toBe(0);
    expect(JSON.parse(good.stdout)).toMatchObject({ outcome: "pass" });
    expect(good.stderr).toContain("PASS");
    const bad = spawnSync(process.execPath, [...ARGS, "runn"], { cwd: ROOT, encoding: "utf8" });
    expect(bad).toMatchObject({ status: 2, stdout: "", stderr: "nsqlab: unknown command runn; did you mean run?\n" });
  });

  test("a reader that closes the pipe is told of, not a stack", async () => {
    const child = spawn(process.execPath, [...ARGS, "list", "--json"], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.destroy();
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString("utf8");
    });
    const [code] = (await once(child, "close")) as [number];
    expect(said).toBe("nsqlab: cannot write standard output: its reader has closed the pipe (EPIPE)\n");
    expect(code).toBe(1);
  });

  test("a full disk under standard output is told of", () => {
    const { status, stderr } = spawnSync("sh", ["-c", `"$0" ${ARGS.join(" ")} list > /dev/full`, process.execPath], {
      cwd: ROOT,
      encoding: "utf8",
    });
    expect(stderr).toContain("no space left on the device (ENOSPC)");
    expect(status).toBe(1);
  });
});
