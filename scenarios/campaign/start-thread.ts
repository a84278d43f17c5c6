import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { FROM_SOURCE, modulePath } from "../bench/program.ts";

/**
 * Starts a module of this package (its path without ending, relative to the folder `bench`) on a thread. From sources the
 * thread has to register tsx itself: unlike a process, it does not take loaders from its command line.
 */
export function startThread(module: string): Worker {
  const path = modulePath(module);
  if (!FROM_SOURCE) return new Worker(path);
  const tsx = import.meta.resolve("tsx/esm/api");
  const entry = pathToFileURL(path).href;
  const code = `import(${JSON.stringify(tsx)}).then((tsx) => { tsx.register(); return import(${JSON.stringify(entry)}); })`;
  return new Worker(code, { eval: true, execArgv: [] });
}
