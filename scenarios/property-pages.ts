import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { assert } from "../core/assert.ts";
import type { PropertyId } from "../sim/scenario/types.ts";

/** The page of a property, beside the oracles. */
export interface PropertyPage {
  readonly id: PropertyId;
  /** As the lists of properties call it: `no-loss`. */
  readonly name: string;
  /** What it promises, in a sentence. */
  readonly promise: string;
  /** The whole page, Markdown. */
  readonly text: string;
}

/** The sections that every page has, in their order. */
export const PAGE_SECTIONS = [
  "Statement",
  "What it needs to see",
  "Licences it grants",
  "Known blind spots",
  "When it says unknown",
] as const;

const FOLDER = path.join(import.meta.dirname, "..", "sim", "oracles", "pages");

export function readPropertyPage(id: PropertyId): PropertyPage {
  const prefix = `p${id.slice(1).padStart(2, "0")}-`;
  const file = readdirSync(FOLDER).find((name) => name.startsWith(prefix));
  assert(file !== undefined, `${id} has a page`);
  const text = readFileSync(path.join(FOLDER, file), "utf8");
  const [title = "", , promise = ""] = text.split("\n");
  return { id, name: title.slice(`# ${id} `.length), promise, text: text.trimEnd() };
}
