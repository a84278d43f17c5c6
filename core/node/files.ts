import { randomInt } from "node:crypto";
import fs from "node:fs";
import { open, readFile, unlink } from "node:fs/promises";
import path from "node:path";
import type { FileStore, HostError, StoredFile } from "../host.ts";
import { hostError, NodeFile } from "./stored-file.ts";

const MODE = 0o600;
const { O_RDWR, O_CREAT } = fs.constants;

/** {@link Host.files}: the files of one directory. */
export class NodeFiles implements FileStore {
  private readonly directory: string;
  /** By file: the last of its reads and replacements, which are carried out one after the other. */
  private readonly last = new Map<string, Promise<void>>();
  /** By file that is being replaced: how often it was replaced or removed at once meanwhile. */
  private readonly overtakings = new Map<string, number>();

  /** @param directory empty: the working directory */
  constructor(directory: string) {
    this.directory = directory === "" ? "." : directory;
  }

  read(name: string, done: (result: HostError | Uint8Array | null) => void): void {
    this.inOrder(name, () => readIfThere(this.pathOf(name)), done);
  }

  replace(name: string, bytes: Uint8Array, done: (error: HostError | null) => void): void {
    const overtakings = this.overtakings.get(name);
    this.inOrder(
      name,
      async () => {
        const temporary = this.temporaryOf(name);
        try {
          await writeSynced(temporary, bytes);
          // Both in one step of this process, so that nothing comes in between.
          if (this.overtakings.get(name) === overtakings) fs.renameSync(temporary, this.pathOf(name));
          else fs.unlinkSync(temporary);
        } catch (error) {
          await unlink(temporary).catch(() => null);
          throw error;
        }
        await syncDirectory(this.directory);
        return null;
      },
      done,
    );
  }

  replaceNow(name: string, bytes: Uint8Array): HostError | null {
    const temporary = this.temporaryOf(name);
    return attempt(() => {
      try {
        fs.writeFileSync(temporary, bytes, { flag: "wx", mode: MODE });
        fs.renameSync(temporary, this.pathOf(name));
      } catch (error) {
        fs.rmSync(temporary, { force: true });
        throw error;
      }
      this.overtake(name);
      return null;
    });
  }

  list(): HostError | readonly string[] {
    return attempt(() => {
      const names = fs.readdirSync(this.directory);
      return process.platform === "win32" ? names.map((name) => name.replaceAll(";", ":")) : names;
    });
  }

  open(name: string, create: boolean): HostError | StoredFile {
    return attempt(() => new NodeFile(fs.openSync(this.pathOf(name), create ? O_RDWR | O_CREAT : O_RDWR, MODE)));
  }

  rename(from: string, to: string): HostError | null {
    return attempt(() => {
      fs.renameSync(this.pathOf(from), this.pathOf(to));
      return null;
    });
  }

  remove(name: string): HostError | null {
    return attempt(() => {
      fs.rmSync(this.pathOf(name), { force: true });
      this.overtake(name);
      return null;
    });
  }

  private overtake(name: string): void {
    if (this.last.has(name)) this.overtakings.set(name, (this.overtakings.get(name) ?? 0) + 1);
  }

  private pathOf(name: string): string {
    // `:` cannot be in the name of a file there; nsqd uses `;` too (diskqueue §1).
    return path.join(this.directory, process.platform === "win32" ? name.replaceAll(":", ";") : name);
  }

  private temporaryOf(name: string): string {
    return `${this.pathOf(name)}.${randomInt(2 ** 47)}.tmp`;
  }

  private inOrder<T>(name: string, work: () => Promise<T>, done: (result: HostError | T) => void): void {
    const before = this.last.get(name) ?? Promise.resolve();
    const own = before.then(async () => {
      const result = await work().catch(hostError);
      if (this.last.get(name) === own) {
        this.last.delete(name);
        this.overtakings.delete(name);
      }
      // A step of its own: an exception there is the program's and must not end up in this chain.
      setImmediate(() => done(result));
    });
    this.last.set(name, own);
  }
}

/** What the system refuses is a value here, not an exception. */
function attempt<T>(work: () => T): HostError | T {
  try {
    return work();
  } catch (error) {
    return hostError(error);
  }
}

async function readIfThere(file: string): Promise<Uint8Array | null> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

async function writeSynced(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, "wx", MODE);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** After this the names in the directory are durable, too. */
async function syncDirectory(directory: string): Promise<void> {
  const entry = await open(directory);
  try {
    await entry.sync();
  } finally {
    await entry.close();
  }
}
