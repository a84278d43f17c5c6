import type { HttpResponse } from "../../host.ts";
import type { StatsFilter } from "../stats.ts";
import { failure, json, text } from "./answer.ts";
import type { NsqdHttpContext } from "./context.ts";
import type { Query } from "./query.ts";
import type { RoutedRequest } from "./router.ts";
import { statsText } from "./stats-text.ts";

/** GET /stats, as JSON with `format=json`, else as text (nsqd-http §2). */
export function showStats({ admin, host }: NsqdHttpContext, { query }: RoutedRequest): HttpResponse {
  if (query === null) return failure(400, "INVALID_REQUEST");
  const filter: StatsFilter = {
    topic: query.get("topic") ?? "",
    channel: query.get("channel") ?? "",
    includeClients: isWanted(query, "include_clients"),
  };
  const { producers, ...stats } = admin.stats(filter);
  const memory = isWanted(query, "include_mem") ? host.memory?.() : undefined;
  if (query.get("format") === "json") return json({ ...stats, memory, producers });
  return text(statsText({ ...stats, producers }, memory, host.wallNow()));
}

/** Anything but `false` and `0` is yes. */
function isWanted(query: Query, name: string): boolean {
  const value = query.get(name);
  return value !== "false" && value !== "0";
}
