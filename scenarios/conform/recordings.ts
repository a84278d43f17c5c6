import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** A conversation recorded from a Go daemon: what is sent to it, and what must come back. */
export interface Conversation {
  /** What it is about: `protocol`, `semantics`, `http`, `persistence`, `lookupd`, `security`. */
  readonly folder: string;
  readonly name: string;
  /** What a daemon does that passes, in a sentence. */
  readonly rule: string;
  /** `flaw`: keeps to a flaw of Go's daemon; `slow`, `files`, `topology`: see the README beside the recordings. */
  readonly tags: readonly string[];
}

/** Where the recordings and their player are: in a package beside the code, in a checkout among the tests. */
export function recordingsFolder(): string {
  const folders = ["../../golden", "../../test/golden"].map((relative) => path.join(import.meta.dirname, relative));
  const found = folders.find((folder) => existsSync(path.join(folder, "replay.mjs")));
  if (found === undefined) throw new Error(`no recordings in ${folders.join(" or ")}`);
  return found;
}

/** All recorded conversations, by `folder/name`, in the order of these. */
export function readConversations(recordings: string): ReadonlyMap<string, Conversation> {
  const cases = path.join(recordings, "cases");
  const files = readdirSync(cases, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".json"));
  const found = new Map<string, Conversation>();
  for (const file of files.sort()) {
    const { about, tags = [] } = JSON.parse(readFileSync(path.join(cases, file), "utf8")) as CaseFile;
    const folder = path.basename(path.dirname(file));
    const name = path.basename(file, ".json");
    found.set(`${folder}/${name}`, { folder, name, rule: about, tags });
  }
  return found;
}

interface CaseFile {
  readonly about: string;
  readonly tags?: readonly string[];
}
