#!/usr/bin/env node
// The `nsqlab` command: built in the package, from its sources in a checkout. There `npx nsqlab` works without a build.
import { existsSync } from "node:fs";

const source = new URL("main.ts", import.meta.url);
if (existsSync(source)) {
  const { register } = await import("tsx/esm/api");
  register();
  await import(source.href);
} else {
  await import("../dist/scenarios/main.js");
}
