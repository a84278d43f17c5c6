import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type * as esbuildModule from "esbuild";

/** Name of the built script, beside this file in the package. */
const BROWSER_SCRIPT = "report-browser.js";

let cached: string | null = null;

/**
 * The page's script, minified, in one piece. In the package it was built beforehand; from source it is bundled now,
 * once per process.
 */
export function browserScript(): string {
  if (cached === null) {
    const built = new URL(BROWSER_SCRIPT, import.meta.url);
    cached = existsSync(built) ? readFileSync(built, "utf8") : bundleBrowserScript();
  }
  return cached;
}

/** Bundles `browser/main.ts` with esbuild, which only a source checkout has. */
export function bundleBrowserScript(): string {
  // esbuild is no dependency of the package: a static import would break there.
  const esbuild = createRequire(import.meta.url)("esbuild") as typeof esbuildModule;
  const { outputFiles } = esbuild.buildSync({
    entryPoints: [fileURLToPath(new URL("browser/main.ts", import.meta.url))],
    bundle: true,
    write: false,
    minify: true,
    format: "iife",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    banner: { js: "/* Contains d3 (ISC licence), copyright 2010-2023 Mike Bostock. */" },
    logLevel: "silent",
  });
  return outputFiles[0]!.text;
}
