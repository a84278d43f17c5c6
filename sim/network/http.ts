import { HostError, type HttpCall, type HttpResponse } from "../../core/host.ts";
import type { Micros } from "../../core/time.ts";
import type { Agenda, Due } from "../clock.ts";
import { send, type Cancellable } from "./lane.ts";
import type { Exchange } from "./link.ts";
import { nameOf, type Network } from "./network.ts";
import type { Station } from "./station.ts";

/** Request line or status line, and headers: about. */
const HEAD_BYTES = 200;

/**
 * One HTTP request and its answer, as values: a packet there, a packet back. `done` is called once, unless the asking
 * process dies. A server that dies meanwhile is a reset. There is a connection when the request has arrived.
 */
export function exchangeHttp(
  network: Network,
  station: Station,
  address: string,
  call: HttpCall,
  done: (result: HostError | HttpResponse) => void,
): void {
  const { agenda } = network;
  if (!network.names.resolves(station.name, nameOf(address))) {
    const unknown = new HostError("ENOTFOUND", `getaddrinfo ENOTFOUND ${nameOf(address)}`);
    network.later(station, () => done(unknown));
    return;
  }
  const link = network.link(station.name, nameOf(address));
  let server: Station | null = null;
  let over = false;
  const finish = (result: HostError | HttpResponse): void => {
    if (over) return;
    over = true;
    connecting.cancel();
    answering.cancel();
    link.exchanges.delete(exchange);
    server?.exchanges.delete(exchange);
    station.take({ run: () => done(result) });
  };
  const late = (): void => finish(new HostError("ETIMEDOUT", `${address}: i/o timeout`));
  const connecting = new Deadline(agenda, call.connectTimeout, late);
  const answering = new Deadline(agenda, call.timeout, late);
  const answer = (result: HostError | HttpResponse): void => {
    const bytes = HEAD_BYTES + (result instanceof HostError ? 0 : result.body.length);
    send(agenda, link.to(station.name), () => finish(result), bytes);
  };
  // Made when it happens: an error looks at the stack, which takes longer than the whole exchange.
  const reset = (): HostError => new HostError("ECONNRESET", `${address}: connection reset`);
  const exchange: Exchange = { reset: () => finish(reset()), serverDied: () => answer(reset()) };
  link.exchanges.add(exchange);
  const ask = (): Cancellable => send(agenda, link.from(station.name), arrive, HEAD_BYTES + call.body.length);
  const arrive = (): void => {
    if (over) return;
    const fate = link.gate.pass(ask);
    if (fate === "held") return;
    connecting.cancel();
    const service = network.service(address);
    if (fate === "refused" || service?.kind !== "http") {
      answer(new HostError("ECONNREFUSED", `connect ${address}: connection refused`));
      return;
    }
    server = service.station;
    server.exchanges.add(exchange);
    server.take({ run: () => network.filters.serve(service.station, service.handler, call, answer) });
  };
  ask();
}

/** Calls `late` after so long, unless it is cancelled. */
class Deadline implements Due {
  private readonly agenda: Agenda;
  private readonly late: () => void;
  private slot = -1;

  constructor(agenda: Agenda, limit: Micros | undefined, late: () => void) {
    this.agenda = agenda;
    this.late = late;
    if (limit !== undefined) this.slot = agenda.add(agenda.now + limit, this);
  }

  due(): void {
    this.slot = -1;
    this.late();
  }

  cancel(): void {
    if (this.slot >= 0) this.agenda.cancel(this.slot);
    this.slot = -1;
  }
}
