import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type * as esbuildModule from "esbuild";
import { plant, type PlantedBug } from "./bug.ts";

/** From here, in the sources and in what is built of them. */
const ROOTS = ["../..", "../../.."].map((up) => fileURLToPath(new URL(up, import.meta.url)));

/** Bundles the simulator from its sources, each time with another bug in it. */
export interface Nursery {
  /**
   * The simulator with the bug, or as it is, as one CommonJS script.
   *
   * @throws PatchError when the sources are not what the bug was written for
   */
  script(bug: PlantedBug | null): Promise<string>;
  close(): Promise<void>;
}

/** The root of the sources; null: there are none, as in an installed package, or nothing to bundle them with. */
export function sourceRoot(): string | null {
  return ROOTS.find((root) => existsSync(join(root, "core/nsqd/channel.ts")) && canBundle(root)) ?? null;
}

function canBundle(root: string): boolean {
  try {
    return createRequire(join(root, "package.json")).resolve("esbuild") !== "";
  } catch {
    return false;
  }
}

/** @param entry the module that the script is made of: path from the root of the sources, which must be there */
export async function openNursery(root: string, entry: string): Promise<Nursery> {
  // esbuild is no dependency of the package: a static import would break there.
  const esbuild = createRequire(join(root, "package.json"))("esbuild") as typeof esbuildModule;
  let planted: { readonly path: string; readonly source: string } | null = null;
  const context = await esbuild.context({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "cjs",
    platform: "node",
    target: "node20",
    logLevel: "silent",
    plugins: [
      {
        name: "planted-bug",
        setup: (build) => {
          build.onLoad({ filter: /\/core\/.*\.ts$/ }, ({ path }) =>
            path === planted?.path ? { contents: planted.source, loader: "ts" } : undefined,
          );
        },
      },
    ],
  });
  return {
    async script(bug) {
      planted = bug === null ? null : plantIn(root, bug);
      const { outputFiles } = await context.rebuild();
      return outputFiles[0]!.text;
    },
    close: () => context.dispose(),
  };
}

function plantIn(root: string, bug: PlantedBug): { readonly path: string; readonly source: string } {
  const path = join(root, bug.file);
  return { path, source: plant(bug, readFileSync(path, "utf8")) };
}
