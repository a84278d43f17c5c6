import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

// The recordings and their player are a copy; where the original lies beside this repository, they are compared.

const original = path.resolve(import.meta.dirname, "../../../shared/golden");
/** What is here and not there. */
const OURS = ["exceptions.json", "replay.ts", "in-step.test.ts"];

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => statSync(path.join(folder, file)).isFile())
    .sort();
}

test.skipIf(!existsSync(original))("the copy of the recordings is up to date", () => {
  expect(filesIn(import.meta.dirname).filter((file) => !OURS.includes(file))).toEqual(filesIn(original));
  const differing = filesIn(original).filter(
    (file) => !readFileSync(path.join(original, file)).equals(readFileSync(path.join(import.meta.dirname, file))),
  );
  expect(differing).toEqual([]);
});
