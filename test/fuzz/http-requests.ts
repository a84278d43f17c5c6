import { HostError, type HttpResponse } from "../../core/host.ts";
import { bytesOf } from "../../core/protocol/text.ts";
import type { FakeHost } from "../core/nsqd/fake-host.ts";
import { int32, sized } from "../core/nsqd/fake-host.ts";
import type { Draw } from "./draw.ts";
import { mutate } from "./mutate.ts";

/** A request. The body is a byte string. */
export interface DrawnRequest {
  readonly method: string;
  readonly target: string;
  readonly body: string;
}

const METHODS = ["GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH"] as const;

type Endpoint = readonly [method: string, path: string, parameters: readonly string[]];

const ENDPOINTS: Readonly<Record<"nsqd" | "nsqlookupd", readonly Endpoint[]>> = {
  nsqd: [
    ["GET", "/ping", []],
    ["GET", "/info", []],
    ["GET", "/stats", ["format", "topic", "channel", "include_clients", "include_mem"]],
    ["GET", "/metrics", []],
    ["POST", "/pub", ["topic", "defer"]],
    ["POST", "/pub", ["topic"]],
    ["POST", "/mpub", ["topic", "binary"]],
    ["POST", "/topic/create", ["topic"]],
    ["POST", "/topic/delete", ["topic"]],
    ["POST", "/topic/empty", ["topic"]],
    ["POST", "/topic/pause", ["topic"]],
    ["POST", "/topic/unpause", ["topic"]],
    ["POST", "/channel/create", ["topic", "channel"]],
    ["POST", "/channel/delete", ["topic", "channel"]],
    ["POST", "/channel/empty", ["topic", "channel"]],
    ["POST", "/channel/pause", ["topic", "channel"]],
    ["POST", "/channel/unpause", ["topic", "channel"]],
    ["GET", "/config/log_level", []],
    ["PUT", "/config/log_level", []],
    ["GET", "/config/mem_queue_size", []],
  ],
  nsqlookupd: [
    ["GET", "/ping", []],
    ["GET", "/info", []],
    ["GET", "/lookup", ["topic"]],
    ["GET", "/topics", []],
    ["GET", "/channels", ["topic"]],
    ["GET", "/nodes", []],
    ["GET", "/debug", []],
    ["POST", "/topic/create", ["topic"]],
    ["POST", "/topic/delete", ["topic"]],
    ["POST", "/topic/tombstone", ["topic", "node"]],
    ["POST", "/channel/create", ["topic", "channel"]],
    ["POST", "/channel/delete", ["topic", "channel"]],
  ],
};

const VALUES: Readonly<Record<string, readonly string[]>> = {
  topic: ["t", "t", "u", "t#ephemeral", ""],
  channel: ["c", "c", "d", "e#ephemeral", ""],
  format: ["json", "text", "xml"],
  include_clients: ["true", "false", "1", "maybe"],
  include_mem: ["true", "false"],
  defer: ["0", "1", "1000", "3600000", "3600001", "-1", "x"],
  binary: ["true", "false", "0", "x"],
  node: ["intruder:2", ":", ""],
};

function query(draw: Draw, parameters: readonly string[]): string {
  const given = parameters.filter(() => !draw.once(6));
  const pairs = given.map((name) => {
    const value = draw.once(20) ? draw.oddText() : draw.pick(VALUES[name]!);
    return `${name}=${draw.once(30) ? value : escape(value)}`;
  });
  return pairs.length === 0 ? "" : `?${pairs.join(draw.once(30) ? ";" : "&")}`;
}

/** Percent-encodes a byte string. */
function escape(text: string): string {
  return text.replaceAll(/[^\w.-]/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

function content(draw: Draw): string {
  switch (draw.integer(0, 5)) {
    case 0:
      return "";
    case 1:
      return draw.many(1, 20, () => draw.bytes(30)).join("\n");
    case 2:
      return int32(2) + sized("one") + sized(draw.bytes(30));
    case 3:
      return int32(draw.int32()) + int32(draw.int32()) + draw.bytes(30);
    case 4:
      return draw.pick(["debug", '"info"', "x".repeat(1001), "x".repeat(2001)]);
    default:
      return draw.bytes(100);
  }
}

/** What an asker might want: mostly something that there is. */
export function drawRequest(draw: Draw, daemon: "nsqd" | "nsqlookupd"): DrawnRequest {
  const [method, path, parameters] = draw.pick(ENDPOINTS[daemon]);
  const target = draw.once(40) ? `/${draw.oddText()}` : path + query(draw, parameters);
  return {
    method: draw.once(20) ? draw.pick(METHODS) : method,
    target: draw.once(20) ? `/${mutate(target, draw)}` : target,
    body: method === "GET" && !draw.once(10) ? "" : content(draw),
  };
}

/** For the hooks of a daemon. */
export function mustServe(result: unknown): void {
  if (result instanceof HostError) throw result;
}

/** Asks a daemon on a host that is turned by hand. It must answer once, within the call. */
export function ask(host: FakeHost, { method, target, body }: DrawnRequest): HttpResponse {
  const handler = host.http!;
  const refusal = handler.head(method, target, body.length);
  if (refusal !== null) return refusal;
  const answers: HttpResponse[] = [];
  const bytes = bytesOf(body).subarray(0, handler.maxBodyBytes + 1);
  host.step(() => handler.handle({ method, target, body: bytes }, (response) => void answers.push(response)));
  const [answer, ...more] = answers;
  if (answer === undefined || more.length > 0) throw new Error(`${method} ${target}: ${answers.length} answers`);
  return answer;
}
