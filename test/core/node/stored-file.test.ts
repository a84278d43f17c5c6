import { mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FileStore, HostError, type StoredFile } from "../../../core/host.ts";
import { NodeFiles } from "../../../core/node/files.ts";
import { MemoryFiles } from "../../../core/node/memory-files.ts";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "nsqlab-files-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function opened(files: FileStore, name: string, create = true): StoredFile {
  const file = files.open(name, create);
  if (file instanceof HostError) throw file;
  return file;
}

function content(file: StoredFile, position = 0, length = 100): string {
  const bytes = new Uint8Array(length);
  return Buffer.from(bytes.subarray(0, file.read(bytes, position) as number)).toString();
}

function code(result: unknown): string | null {
  return result instanceof HostError ? result.code : null;
}

describe.each(["disk", "memory"])("files on %s", (kind) => {
  const make = (): FileStore => (kind === "disk" ? new NodeFiles(folder) : new MemoryFiles());

  test("are written and read at positions, and cut", () => {
    const file = opened(make(), "a");
    expect(file.write(Buffer.from("hello world"), 0)).toBeNull();
    expect(file.write(Buffer.from("W"), 6)).toBeNull();
    expect(content(file)).toBe("hello World");
    expect(content(file, 6, 3)).toBe("Wor");
    expect(content(file, 50)).toBe("");
    expect(file.size()).toBe(11);
    expect(file.truncate(5)).toBeNull();
    expect(content(file)).toBe("hello");
    expect(file.write(Buffer.from("!"), 7)).toBeNull();
    expect(content(file)).toBe("hello\0\0!");
    file.close();
  });

  test("keep what was written when they are opened again, renamed or removed", () => {
    const files = make();
    const first = opened(files, "a");
    first.write(Buffer.from("one"), 0);
    expect(content(opened(files, "a", false))).toBe("one");
    expect(files.rename("a", "b")).toBeNull();
    expect(code(files.open("a", false))).toBe("ENOENT");
    expect(content(opened(files, "b", false))).toBe("one");
    expect(files.list()).toEqual(["b"]);
    expect(files.remove("b")).toBeNull();
    expect(files.remove("b")).toBeNull();
    expect(content(first)).toBe("one");
    expect(code(files.rename("b", "c"))).toBe("ENOENT");
  });

  test("a sync ends in a later step, also when the file is closed meanwhile", async () => {
    const file = opened(make(), "a");
    file.write(Buffer.from("x"), 0);
    let isDone = false;
    const result = new Promise((resolve) =>
      file.sync((error) => {
        isDone = true;
        resolve(error);
      }),
    );
    file.close();
    expect(isDone).toBe(false);
    expect(await result).toBeNull();
  });

  test("what is replaced or removed at once overtakes what is being replaced", async () => {
    const files = make();
    const slow = (name: string, text: string): Promise<unknown> =>
      new Promise((resolve) => files.replace(name, Buffer.from(text), resolve));
    const replacements = [slow("a", "slow"), slow("b", "slow")];
    expect(files.replaceNow("a", Buffer.from("now"))).toBeNull();
    files.remove("b");
    expect(await Promise.all(replacements)).toEqual([null, null]);
    expect(content(opened(files, "a", false))).toBe("now");
    expect(code(files.open("b", false))).toBe("ENOENT");
    expect(await slow("a", "later")).toBeNull();
    expect(content(opened(files, "a", false))).toBe("later");
    expect(files.list()).toEqual(["a"]);
  });
});

test("on disk only the owner may read them", async () => {
  const files = new NodeFiles(folder);
  opened(files, "a").write(Buffer.from("x"), 0);
  files.replaceNow("b", Buffer.from("y"));
  for (const name of ["a", "b"]) expect((await stat(path.join(folder, name))).mode & 0o777).toBe(0o600);
  expect(await readFile(path.join(folder, "b"), "utf8")).toBe("y");
});

test("what the system refuses is a value", async () => {
  const file = path.join(folder, "file");
  await writeFile(file, "");
  const files = new NodeFiles(file);
  expect(code(files.open("a", true))).toBe("ENOTDIR");
  expect(code(files.replaceNow("a", Buffer.from("x")))).toBe("ENOTDIR");
  expect(code(files.list())).toBe("ENOTDIR");
});

test.runIf(process.platform === "linux")("a full disk says so", async () => {
  await symlink("/dev/full", path.join(folder, "full"));
  const file = opened(new NodeFiles(folder), "full", false);
  expect(code(file.write(Buffer.from("x"), 0))).toBe("ENOSPC");
  file.close();
});
