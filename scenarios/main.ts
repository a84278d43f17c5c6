#!/usr/bin/env node
import { runCommand } from "./commands/main.ts";
import { standardOutput } from "./commands/output.ts";

process.exitCode = await runCommand(process.argv.slice(2), standardOutput());
