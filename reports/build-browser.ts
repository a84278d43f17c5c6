import { writeFileSync } from "node:fs";
import { bundleBrowserScript } from "./bundle.ts";

/** `node --import tsx reports/build-browser.ts PATH` writes the minified script of the report page. */
const [path] = process.argv.slice(2);
if (path === undefined) {
  process.stderr.write("usage: build-browser.ts PATH\n");
  process.exitCode = 2;
} else writeFileSync(path, bundleBrowserScript());
