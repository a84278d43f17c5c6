import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isRecord } from "../../sim/scenario/shape.ts";
import type { Capsule } from "../../sim/shrink/capsule.ts";
import { FROM_SOURCE } from "../bench/program.ts";
import { InputError } from "./command.ts";

/** What a capsule says it was made by. */
export function versions(): Readonly<Record<string, string>> {
  const path = FROM_SOURCE ? "../../package.json" : "../../../package.json";
  const text = readFileSync(fileURLToPath(new URL(path, import.meta.url)), "utf8");
  return { nsqlab: (JSON.parse(text) as { version: string }).version, node: process.version };
}

/** `nsqlab 0.1.0, node v20.20.2`. */
export function describeVersions(made: Readonly<Record<string, string>>): string {
  return Object.entries(made)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
}

/**
 * Everything of a capsule but its scenario.
 *
 * @throws InputError naming the first field that is wrong
 */
export function checkCapsule(value: Capsule, from: string): Capsule {
  const texts = ["reason", "failure", "hash"] as const;
  for (const field of texts)
    if (typeof value[field] !== "string")
      throw new InputError(`${from}: ${field}: found ${JSON.stringify(value[field]) ?? "nothing"}, expected text`);
  if (!isRecord(value.versions)) throw new InputError(`${from}: versions: expected an object of names and versions`);
  return value;
}
