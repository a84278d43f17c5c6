import { createHash } from "node:crypto";
import { readFile, stat, unlink } from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { HostError } from "../host.ts";

/** A data path that no other nsqd may use meanwhile. */
export interface DataPathLock {
  release(): void;
}

/**
 * Locks a data path, as nsqd does with flock(2), which Node does not have (nsqd-semantics §11). The lock is a listening
 * unix socket whose name stands for the directory: it goes with the process, however that ends. An nsqd written in Go
 * is seen through /proc/locks. Containers that share a volume but no network namespace are not seen.
 *
 * @param directory empty: the working directory
 * @throws HostError EWOULDBLOCK when it is in use; the system's code when it is missing or no directory
 */
export async function lockDataPath(directory: string): Promise<DataPathLock> {
  const shown = directory === "" ? "." : directory;
  const { dev, ino } = await statDirectory(shown);
  if (await isFlocked(dev, ino)) throw inUse(shown);
  const server = await listenAlone(socketName(dev, ino));
  if (server === null) throw inUse(shown);
  server.unref();
  return { release: () => server.close() };
}

async function statDirectory(directory: string): Promise<{ readonly dev: number; readonly ino: number }> {
  const found = await stat(directory).catch((error: NodeJS.ErrnoException) => {
    throw new HostError(error.code ?? "EIO", `--data-path ${directory}: ${error.message}`);
  });
  if (found.isDirectory()) return found;
  throw new HostError("ENOTDIR", `--data-path ${directory} is not a directory`);
}

function inUse(directory: string): HostError {
  const reason = "resource temporarily unavailable (possibly in use by another instance of nsqd)";
  return new HostError("EWOULDBLOCK", `failed to lock data-path: cannot flock directory ${directory} - ${reason}`);
}

/** In Linux's abstract namespace, which has no files; elsewhere a socket file in the folder for temporary files. */
function socketName(dev: number, ino: number): string {
  if (process.platform === "linux") return `\0nsqlab-data-path-${dev}-${ino}`;
  const name = `nsqlab-${createHash("sha256").update(`${dev}-${ino}`).digest("hex").slice(0, 16)}`;
  return process.platform === "win32" ? `\\\\.\\pipe\\${name}` : path.join(os.tmpdir(), `${name}.sock`);
}

async function listenAlone(name: string): Promise<net.Server | null> {
  const server = await listen(name);
  if (server !== null || name.startsWith("\0") || (await answers(name))) return server;
  // The file of a process that was killed.
  await unlink(name).catch(() => null);
  return listen(name);
}

/** Null: the name is taken. */
function listen(name: string): Promise<net.Server | null> {
  return new Promise((resolve, reject) => {
    const server = net.createServer((socket) => socket.destroy());
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(null);
      else reject(new HostError(error.code ?? "EIO", `failed to lock data-path: ${error.message}`));
    });
    server.listen(name, () => resolve(server));
  });
}

function answers(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(name);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** Whether some process has the directory locked with flock(2). */
async function isFlocked(dev: number, ino: number): Promise<boolean> {
  if (process.platform !== "linux") return false;
  const locks = await readFile("/proc/locks", "utf8").catch(() => "");
  const major = Math.floor(dev / 256) & 0xfff;
  const minor = (dev & 0xff) | (Math.floor(dev / 4096) & 0xfff00);
  const file = [hex(major), hex(minor), ino].join(":");
  return locks.split("\n").some((line) => line.includes(" FLOCK ") && line.split(/\s+/).includes(file));
}

function hex(value: number): string {
  return value.toString(16).padStart(2, "0");
}
