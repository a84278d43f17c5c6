import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { FileStore, HostError } from "../../../core/host.ts";
import { NodeFiles } from "../../../core/node/files.ts";
import { MemoryFiles } from "../../../core/node/memory-files.ts";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "nsqlab-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function read(files: FileStore, name: string): Promise<string | null | HostError> {
  return new Promise((resolve) => {
    files.read(name, (result) => resolve(result instanceof Uint8Array ? Buffer.from(result).toString() : result));
  });
}

function replace(files: FileStore, name: string, text: string): Promise<HostError | null> {
  return new Promise((resolve) => files.replace(name, Buffer.from(text), resolve));
}

describe.each(["disk", "memory"])("files on %s", (kind) => {
  test("read back what was written last; null for what was never written", async () => {
    const files = kind === "disk" ? new NodeFiles(folder) : new MemoryFiles();
    expect(await read(files, "a")).toBeNull();
    expect(await replace(files, "a", "one")).toBeNull();
    expect(await replace(files, "a", "two")).toBeNull();
    expect(await read(files, "a")).toBe("two");
  });

  test("completions of one file come in the order of the calls", async () => {
    const files = kind === "disk" ? new NodeFiles(folder) : new MemoryFiles();
    const order: string[] = [];
    await Promise.all([
      replace(files, "a", "x".repeat(1_000_000)).then(() => order.push("write")),
      read(files, "a").then((text) => order.push(`read ${String(text).length}`)),
      replace(files, "a", "y").then(() => order.push("write again")),
    ]);
    expect(order).toEqual(["write", "read 1000000", "write again"]);
  });
});

test("a replaced file is private, and nothing temporary stays", async () => {
  const files = new NodeFiles(folder);
  await replace(files, "nsqd.dat", "{}");
  expect(await readdir(folder)).toEqual(["nsqd.dat"]);
  expect((await stat(path.join(folder, "nsqd.dat"))).mode & 0o777).toBe(0o600);
});

test("errors carry the system's code", async () => {
  const files = new NodeFiles(path.join(folder, "missing"));
  expect(await replace(files, "a", "x")).toMatchObject({ name: "HostError", code: "ENOENT" });
  expect(await read(new NodeFiles(os.tmpdir()), path.basename(folder))).toMatchObject({ code: "EISDIR" });
});
