import { fileURLToPath } from "node:url";

/** An executable nsqd: ours or another. */
export interface Program {
  readonly label: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** The peer that is part of the package. */
export const ECHO = "echo";

/** True when this code runs from TypeScript sources (through tsx), false when from the built package. */
export const FROM_SOURCE = import.meta.url.endsWith(".ts");

/** How to start another module of this package in a process of its own, the same way this one was started. */
export function nodeArguments(): string[] {
  return FROM_SOURCE ? ["--import", import.meta.resolve("tsx")] : [];
}

/** The path of a module of this package, relative to this file, without its ending. */
export function modulePath(relative: string): string {
  return fileURLToPath(new URL(relative + (FROM_SOURCE ? ".ts" : ".js"), import.meta.url));
}

/** This package's nsqd. */
export function ownNsqd(): Program {
  return {
    label: "nsqlab",
    command: process.execPath,
    args: [...nodeArguments(), modulePath("../../core/node/nsqd")],
  };
}

/** Bare sockets of Node that answer like an nsqd. */
export function echoNsqd(): Program {
  return { label: ECHO, command: process.execPath, args: [...nodeArguments(), modulePath("echo/main")] };
}

/** `nsqd=PATH`, the value of `--peer`. A path that ends in .js or .ts is run by this Node. */
export function peerNsqd(path: string): Program {
  if (/\.m?[jt]s$/.test(path)) return { label: path, command: process.execPath, args: [...nodeArguments(), path] };
  return { label: path, command: path, args: [] };
}
