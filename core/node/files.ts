import { randomInt } from "node:crypto";
import { open, readFile, rename, unlink } from "node:fs/promises";
import path from "node:path";
import { type FileStore, HostError } from "../host.ts";

/** {@link Host.files}: the files of one directory. Calls are carried out one after the other, in their order. */
export class NodeFiles implements FileStore {
  private readonly directory: string;
  private last: Promise<void> = Promise.resolve();

  /** @param directory empty: the working directory */
  constructor(directory: string) {
    this.directory = directory === "" ? "." : directory;
  }

  read(name: string, done: (result: HostError | Uint8Array | null) => void): void {
    this.inOrder(async () => readIfThere(path.join(this.directory, name)), done);
  }

  replace(name: string, bytes: Uint8Array, done: (error: HostError | null) => void): void {
    this.inOrder(async () => {
      await replaceDurably(this.directory, name, bytes);
      return null;
    }, done);
  }

  private inOrder<T>(work: () => Promise<T>, done: (result: HostError | T) => void): void {
    this.last = this.last.then(async () => {
      const result = await work().catch(asHostError);
      // A step of its own: an exception there is the program's and must not end up in this chain.
      setImmediate(() => done(result));
    });
  }
}

function asHostError(error: unknown): HostError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new HostError(code ?? "EIO", message);
}

async function readIfThere(file: string): Promise<Uint8Array | null> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** Writes beside the file, syncs, renames over it, and syncs the directory: all of the old content or all of the new. */
async function replaceDurably(directory: string, name: string, bytes: Uint8Array): Promise<void> {
  const temporary = path.join(directory, `${name}.${randomInt(2 ** 47)}.tmp`);
  try {
    await writeSynced(temporary, bytes);
    await rename(temporary, path.join(directory, name));
  } catch (error) {
    await unlink(temporary).catch(() => null);
    throw error;
  }
  const entry = await open(directory);
  try {
    await entry.sync();
  } finally {
    await entry.close();
  }
}

async function writeSynced(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
