import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockDataPath } from "../../../core/node/lock.ts";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "nsqlab-lock-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test("one at a time, whatever the directory is called, until it is released", async () => {
  const other = `${folder}.link`;
  await symlink(folder, other);
  const lock = await lockDataPath(folder);
  await expect(lockDataPath(folder)).rejects.toMatchObject({
    code: "EWOULDBLOCK",
    message: `failed to lock data-path: cannot flock directory ${folder} - resource temporarily unavailable (possibly in use by another instance of nsqd)`,
  });
  await expect(lockDataPath(other)).rejects.toMatchObject({ code: "EWOULDBLOCK" });
  lock.release();
  (await lockDataPath(other)).release();
  await rm(other);
});

test("different directories do not meet", async () => {
  const elsewhere = await mkdtemp(path.join(folder, "data-"));
  const locks = [await lockDataPath(folder), await lockDataPath(elsewhere)];
  for (const lock of locks) lock.release();
});

test("what is missing, or no directory, is said", async () => {
  const file = path.join(folder, "file");
  await writeFile(file, "");
  await expect(lockDataPath(path.join(folder, "none"))).rejects.toMatchObject({ code: "ENOENT" });
  await expect(lockDataPath(file)).rejects.toMatchObject({
    code: "ENOTDIR",
    message: `--data-path ${file} is not a directory`,
  });
});
