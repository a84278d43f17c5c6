import { type Host, HostError, type HttpResponse, type Profiler } from "../../host.ts";
import { failure, plain } from "./answer.ts";
import type { RoutedRequest, RouteTable } from "./router.ts";

/** As in Go: of what is asked for without a (sensible) time. */
const DEFAULT_SECONDS = 30;
const MOST_SECONDS = 600;

const INDEX = `/debug/pprof/

cmdline     the command line; NUL between the words
profile     processor time for ?seconds=30, as a V8 .cpuprofile
heap        allocations of ?seconds=30 that are still in use, as a V8 .heapprofile
goroutine   what the event loop waits for: kind and number

Chrome's developer tools open both profiles.
`;

/**
 * The counterparts of Go's profiling pages (nsqd-http §2, §4), where the runtime has a profiler; else there are none. What
 * differs from NSQ's daemons, because the runtime does:
 * - `profile` and `heap` come in V8's formats, not as pprof protocol buffers; `heap` too covers a span of time.
 * - `goroutine` counts what the event loop waits for: there are no stacks.
 * - `symbol` knows no addresses: there is nothing to look up.
 * - `block` and `threadcreate` do not exist: nothing blocks, and there is one thread.
 */
export function profileRoutes(host: Host): RouteTable {
  const { profiler } = host;
  if (profiler === undefined) return {};
  return {
    "/debug/pprof/": { GET: (_, reply) => reply(plain(200, INDEX)) },
    "/debug/pprof/cmdline": { GET: (_, reply) => reply(plain(200, profiler.commandLine.join("\0"))) },
    "/debug/pprof/symbol": {
      GET: (_, reply) => reply(plain(200, "num_symbols: 0\n")),
      POST: (_, reply) => reply(plain(200, "num_symbols: 0\n")),
    },
    "/debug/pprof/profile": {
      GET: (request, reply) => profiler.profileProcessor(secondsOf(request), (result) => reply(file("cpu", result))),
    },
    "/debug/pprof/heap": {
      GET: (request, reply) => profiler.profileHeap(secondsOf(request), (result) => reply(file("heap", result))),
    },
    "/debug/pprof/goroutine": { GET: (_, reply) => reply(plain(200, pendingText(profiler))) },
  };
}

/** {@link profileRoutes}, and the actions that nsqd has besides; `setblockrate` has nothing to set here. */
export function debugRoutes(host: Host): RouteTable {
  const { profiler } = host;
  if (profiler === undefined) return {};
  return {
    ...profileRoutes(host),
    "/debug/setblockrate": { PUT: (request, reply) => reply(setBlockRate(request)) },
    "/debug/freememory": {
      POST: (_, reply) => {
        profiler.collectGarbage();
        reply(NO_RESULT);
      },
    },
  };
}

/** nsqd's answer of these two when they have done their job: it takes an empty result for a failure. */
const NO_RESULT = failure(500, "INTERNAL_ERROR");

function setBlockRate({ query }: RoutedRequest): HttpResponse {
  const rate = query?.get("rate") ?? "";
  if (/^[+-]?\d+$/.test(rate)) return NO_RESULT;
  return plain(400, `invalid block rate : strconv.Atoi: parsing ${JSON.stringify(rate)}: invalid syntax`);
}

function secondsOf({ query }: RoutedRequest): number {
  const seconds = Number(query?.get("seconds"));
  return seconds > 0 ? Math.min(seconds, MOST_SECONDS) : DEFAULT_SECONDS;
}

function file(kind: "cpu" | "heap", result: HostError | string): HttpResponse {
  if (result instanceof HostError) return plain(500, `Could not take the profile: ${result.message}\n`);
  const headers = {
    "Content-Type": "application/json",
    "Content-Disposition": `attachment; filename="${kind}.${kind}profile"`,
  };
  return { status: 200, headers, body: result };
}

function pendingText(profiler: Profiler): string {
  let text = "";
  for (const [kind, count] of profiler.pending()) text += `${kind} ${count}\n`;
  return text;
}
