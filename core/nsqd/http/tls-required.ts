import type { HttpHandler, HttpResponse } from "../../host.ts";

/** What the plain port says to everything where HTTPS is required (nsqd-http §1). */
export function tlsRequiredHttp(httpsPort: number): HttpHandler {
  const refusal: HttpResponse = {
    status: 403,
    headers: { "Content-Type": "application/json; charset=utf-8", "X-Nsq-Content-Type": "nsq; version=1.0" },
    body: `{"message": "TLS_REQUIRED", "https_port": ${httpsPort}}`,
  };
  return { maxBodyBytes: 0, head: () => refusal, handle: (_, reply) => reply(refusal) };
}
