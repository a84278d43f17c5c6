import { assert } from "../../core/assert.ts";
import type { HttpHandler, HttpRequest, HttpResponse } from "../../core/host.ts";
import type { Station } from "./station.ts";

export type Reply = (response: HttpResponse) => void;

/** Stands between a server and who asks it: passes the request on by `serve`, or does not, and answers as it likes. */
export type HttpFilter = (station: Station, request: HttpRequest, serve: (reply: Reply) => void, answer: Reply) => void;

/** What stands before the HTTP servers of a network, by the name of the process. */
export class HttpFilters {
  private readonly byServer = new Map<string, HttpFilter[]>();

  /** The latest is the outermost. Returns what takes it away. */
  add(server: string, filter: HttpFilter): () => void {
    const filters = this.byServer.get(server) ?? [];
    this.byServer.set(server, filters);
    filters.push(filter);
    return () => {
      const index = filters.indexOf(filter);
      assert(index >= 0, "a filter is taken away once");
      filters.splice(index, 1);
    };
  }

  /** In a step of the server. */
  serve(station: Station, handler: HttpHandler, request: HttpRequest, answer: Reply): void {
    const filters = this.byServer.get(station.name) ?? [];
    const pass = (count: number, reply: Reply): void => {
      const filter = filters[count - 1];
      if (filter === undefined) serve(handler, request, reply);
      else filter(station, request, (inner) => pass(count - 1, inner), reply);
    };
    pass(filters.length, answer);
  }
}

/** A server takes a request: refuses it by its head, or answers it whole. */
export function serve(handler: HttpHandler, request: HttpRequest, answer: Reply): void {
  const { method, target, body } = request;
  const refusal = handler.head(method, target, body.length);
  if (refusal !== null) {
    answer(refusal);
    return;
  }
  const limit = handler.maxBodyBytes + 1;
  handler.handle(body.length > limit ? { ...request, body: body.subarray(0, limit) } : request, answer);
}
