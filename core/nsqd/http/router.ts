import type { HttpRequest, HttpResponse } from "../../host.ts";
import { failure } from "./answer.ts";
import { parseQuery, percentDecode, type Query } from "./query.ts";

/** One request as a route sees it. `query` is null when it cannot be decoded. */
export interface RoutedRequest {
  readonly query: Query | null;
  /** What stands for `*` at the end of the route's path. */
  readonly rest: string;
  readonly body: Uint8Array;
}

export type Route = (request: RoutedRequest, reply: (response: HttpResponse) => void) => void;

/** Routes by path, then by method. A path that ends in `*` takes one more segment. */
export type RouteTable = Readonly<Record<string, Readonly<Record<string, Route>>>>;

/** The path and query of a request line; the path is decoded. */
export function splitTarget(target: string): { path: string; query: string } {
  const relative = target.startsWith("/") ? target : target.replace(/^https?:\/\/[^/?]*/i, "");
  const mark = relative.indexOf("?");
  const path = mark === -1 ? relative : relative.slice(0, mark);
  return { path: percentDecode(path) ?? path, query: mark === -1 ? "" : relative.slice(mark + 1) };
}

/** Finds the route of a request, or answers 404, 405, OPTIONS and trailing slashes itself (nsqd-http §1). */
export function route(table: RouteTable, request: HttpRequest, reply: (response: HttpResponse) => void): void {
  const { path, query } = splitTarget(request.target);
  const found = lookUp(table, path);
  const handler = found?.methods[request.method];
  if (found !== null && handler !== undefined) {
    handler({ query: parseQuery(query), rest: found.rest, body: request.body }, reply);
    return;
  }
  reply(withoutRoute(table, request.method, path, query));
}

interface Found {
  readonly methods: Readonly<Record<string, Route>>;
  readonly rest: string;
}

function lookUp(table: RouteTable, path: string): Found | null {
  const methods = Object.hasOwn(table, path) && !path.endsWith("*") ? table[path] : undefined;
  if (methods !== undefined) return { methods, rest: "" };
  const slash = path.lastIndexOf("/") + 1;
  const open = table[`${path.slice(0, slash)}*`];
  const rest = path.slice(slash);
  return open === undefined || rest === "" ? null : { methods: open, rest };
}

function withoutRoute(table: RouteTable, method: string, path: string, query: string): HttpResponse {
  const trimmed = path.endsWith("/") ? path.slice(0, -1) : path;
  if (trimmed !== path && lookUp(table, trimmed)?.methods[method] !== undefined) {
    return redirect(method, query === "" ? trimmed : `${trimmed}?${query}`);
  }
  const methods = lookUp(table, path)?.methods;
  if (methods === undefined) return failure(404, "NOT_FOUND");
  const allow = [...Object.keys(methods), "OPTIONS"].sort().join(", ");
  if (method === "OPTIONS") return { status: 200, headers: { Allow: allow }, body: "" };
  return failure(405, "METHOD_NOT_ALLOWED", { Allow: allow });
}

function redirect(method: string, location: string): HttpResponse {
  if (method !== "GET") return { status: 307, headers: { Location: location }, body: "" };
  const escaped = location.replaceAll("&", "&amp;").replaceAll('"', "&#34;").replaceAll("<", "&lt;");
  const headers = { Location: location, "Content-Type": "text/html; charset=utf-8" };
  return { status: 301, headers, body: `<a href="${escaped}">Moved Permanently</a>.\n\n` };
}
