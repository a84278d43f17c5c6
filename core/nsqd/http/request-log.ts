import type { Host, HttpRequest, HttpResponse } from "../../host.ts";
import { formatGoDuration } from "../duration.ts";

/** The same reply, which logs a line about the request as well, as NSQ's daemons write it (nsqd-http §1). */
export function logged(
  host: Host,
  { method, target, remoteAddress }: HttpRequest,
  reply: (response: HttpResponse) => void,
): (response: HttpResponse) => void {
  const began = host.now();
  const from = remoteAddress === undefined ? "" : ` (${remoteAddress})`;
  return (response) => {
    host.log("info", `${response.status} ${method} ${target}${from} ${formatGoDuration(host.now() - began)}`);
    reply(response);
  };
}
