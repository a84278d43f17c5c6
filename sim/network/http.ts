import { HostError, type HttpHandler, type HttpRequest, type HttpResponse } from "../../core/host.ts";
import { send } from "./lane.ts";
import type { Exchange } from "./link.ts";
import { nameOf, type Network } from "./network.ts";
import type { Station } from "./station.ts";

/**
 * One HTTP request and its answer, as values: a packet there, a packet back. `done` is called once, unless the asking
 * process dies. A server that dies meanwhile is a reset.
 */
export function exchangeHttp(
  network: Network,
  station: Station,
  address: string,
  request: HttpRequest,
  done: (result: HostError | HttpResponse) => void,
): void {
  const link = network.link(station.name, nameOf(address));
  let server: Station | null = null;
  let over = false;
  const finish = (result: HostError | HttpResponse): void => {
    if (over) return;
    over = true;
    link.exchanges.delete(exchange);
    server?.exchanges.delete(exchange);
    station.take({ run: () => done(result) });
  };
  const answer = (result: HostError | HttpResponse): void => {
    send(network.agenda, link.to(station.name), () => finish(result));
  };
  const reset = new HostError("ECONNRESET", `${address}: connection reset`);
  const exchange: Exchange = { reset: () => finish(reset), serverDied: () => answer(reset) };
  link.exchanges.add(exchange);
  send(network.agenda, link.from(station.name), () => {
    if (over) return;
    const service = network.service(address);
    if (service?.kind !== "http") {
      answer(new HostError("ECONNREFUSED", `connect ${address}: connection refused`));
      return;
    }
    server = service.station;
    server.exchanges.add(exchange);
    server.take({ run: () => serve(service.handler, request, answer) });
  });
}

function serve(handler: HttpHandler, request: HttpRequest, answer: (response: HttpResponse) => void): void {
  const { method, target, body } = request;
  const refusal = handler.head(method, target, body.length);
  if (refusal !== null) {
    answer(refusal);
    return;
  }
  const limit = handler.maxBodyBytes + 1;
  handler.handle(body.length > limit ? { ...request, body: body.subarray(0, limit) } : request, answer);
}
