import { assert } from "../../core/assert.ts";
import {
  HostError,
  type AcceptStream,
  type Bound,
  type ByteStream,
  type HttpHandler,
  type Listener,
  type StreamEvents,
} from "../../core/host.ts";
import { SECOND, type Micros } from "../../core/time.ts";
import type { Agenda } from "../clock.ts";
import { Duration } from "../duration.ts";
import type { DurationSpec } from "../scenario/types.ts";
import type { Streams } from "../streams.ts";
import { HttpFilters } from "./filters.ts";
import { Lane, send } from "./lane.ts";
import { Link, type Connection, type Exchange } from "./link.ts";
import { HiddenNames } from "./names.ts";
import { OPENED, Pipe, type PipeLimits } from "./pipe.ts";
import type { Station } from "./station.ts";
import { SimStream } from "./stream.ts";

/** Linux sends a SYN seven times before `connect` fails with ETIMEDOUT. */
const SYN_LIMIT: Micros = 127 * SECOND;
const FIRST_EPHEMERAL_PORT = 49_152;

/** What listens at an address. */
export type Service =
  | { readonly kind: "tcp"; readonly station: Station; readonly accept: AcceptStream }
  | { readonly kind: "http"; readonly station: Station; readonly handler: HttpHandler };

export interface NetworkOptions {
  readonly streams: Streams;
  readonly latency: DurationSpec;
  /** 0: bytes are not cut. */
  readonly fragmentBytes: number;
  readonly sendBufferBytes: number;
  /** {@link PipeLimits.oneByOne} */
  readonly oneByOne?: boolean;
}

/** The machines and the wires between them. An address is `name:port`; each process is a machine of its own. */
export class Network {
  readonly agenda: Agenda;
  readonly filters = new HttpFilters();
  readonly names = new HiddenNames();
  private readonly options: NetworkOptions;
  private readonly limits: PipeLimits;
  private readonly links = new Map<string, Link>();
  private readonly services = new Map<string, Service>();
  /** Machines without power, and the HTTP exchanges that each had not answered. */
  private readonly dark = new Map<string, readonly Exchange[]>();
  private readonly nextPort = new Map<string, number>();

  constructor(agenda: Agenda, options: NetworkOptions) {
    this.agenda = agenda;
    this.options = options;
    const { sendBufferBytes, fragmentBytes, oneByOne = false } = options;
    this.limits = { bufferBytes: sendBufferBytes, fragmentBytes, oneByOne };
  }

  /** The link of two processes, in either order. */
  link(a: string, b: string): Link {
    const known = this.links.get(`${a} ${b}`);
    if (known !== undefined) return known;
    const { latency, streams } = this.options;
    const out = new Lane(a, b, new Duration(latency), streams(`network/${a}>${b}`));
    const back = a === b ? out : new Lane(b, a, new Duration(latency), streams(`network/${b}>${a}`));
    if (this.dark.has(b)) out.block();
    if (this.dark.has(a)) back.block();
    const link = new Link(a, b, out, back);
    this.links.set(`${a} ${b}`, link);
    this.links.set(`${b} ${a}`, link);
    return link;
  }

  /** Binds the address's port of the process; port 0 takes a free one. Outcome in a later step. */
  bind(address: string, service: Service, ready: (result: HostError | Bound) => void): Listener {
    const { station } = service;
    const wanted = portOf(address);
    const bound = `${station.name}:${wanted === 0 ? this.ephemeralPort(station.name) : wanted}`;
    const taken = this.services.has(bound);
    if (!taken) this.services.set(bound, service);
    this.later(station, () =>
      ready(taken ? new HostError("EADDRINUSE", `listen ${bound}: address already in use`) : { address: bound }),
    );
    return {
      close: () => {
        if (this.services.get(bound) === service) this.services.delete(bound);
      },
    };
  }

  service(address: string): Service | undefined {
    return this.services.get(address);
  }

  /** What answers HTTP in the process of that name. */
  httpService(name: string): Extract<Service, { kind: "http" }> | null {
    for (const service of this.services.values())
      if (service.kind === "http" && service.station.name === name) return service;
    return null;
  }

  connect(station: Station, address: string, events: StreamEvents): ByteStream {
    const { agenda } = this;
    const { name } = station;
    const client = new SimStream(agenda, station, `${name}:${this.ephemeralPort(name)}`, address, events, null);
    if (!this.names.resolves(name, nameOf(address))) {
      const failure = agenda.add(agenda.now, { due: () => client.failed("unreachable") });
      client.connecting(() => agenda.cancel(failure));
      return client;
    }
    const link = this.link(name, nameOf(address));
    let isGivenUp = false;
    const arrive = (): void => {
      const fate = link.gate.pass(() => {
        if (!isGivenUp) syn = send(agenda, link.from(name), arrive);
      });
      if (fate === "held") return;
      agenda.cancel(limit);
      const service = this.services.get(address);
      if (fate === "open" && service?.kind === "tcp") {
        this.establish(link, client, service.station, service.accept);
        return;
      }
      const refusal = send(agenda, link.to(name), () => client.failed("refused"));
      client.connecting(() => refusal.cancel());
    };
    let syn = send(agenda, link.from(name), arrive);
    const limit = agenda.add(agenda.now + SYN_LIMIT, {
      due: () => {
        isGivenUp = true;
        syn.cancel();
        client.failed("timeout");
      },
    });
    client.connecting(() => {
      isGivenUp = true;
      syn.cancel();
      agenda.cancel(limit);
    });
    return client;
  }

  /** The process is dead: its kernel closes the sockets, its addresses are free. */
  kill(station: Station): void {
    for (const stream of station.streams) stream.orphan();
    for (const exchange of station.exchanges) exchange.serverDied();
    this.freeAddresses(station);
  }

  /** The machine is without power: its connections are forgotten, nobody is told, nothing reaches it. */
  losePower(station: Station): void {
    const { name } = station;
    this.dark.set(name, [...station.exchanges]);
    for (const stream of station.streams) stream.vanish();
    this.freeAddresses(station);
    for (const lane of this.lanesTo(name)) lane.block();
  }

  /** The machine runs again: what is still sent to it arrives, and is answered by resets. */
  restorePower(name: string): void {
    const unanswered = this.dark.get(name)!;
    this.dark.delete(name);
    for (const exchange of unanswered) exchange.serverDied();
    for (const lane of this.lanesTo(name)) lane.unblock();
  }

  /** Calls into a program, in a step of its own, at this instant. */
  later(station: Station, run: () => void): void {
    const call = { run };
    this.agenda.add(this.agenda.now, { due: () => station.take(call) });
  }

  private freeAddresses(station: Station): void {
    for (const [address, service] of this.services) if (service.station === station) this.services.delete(address);
  }

  private lanesTo(name: string): readonly Lane[] {
    return [...this.links].flatMap(([ends, link]) => (ends.startsWith(`${name} `) ? [link.to(name)] : []));
  }

  private establish(link: Link, client: SimStream, station: Station, accept: AcceptStream): void {
    const { agenda, limits } = this;
    const server = new SimStream(agenda, station, client.remoteAddress, client.localAddress, null, accept);
    const out = link.from(client.processName);
    const back = link.to(client.processName);
    const request = new Pipe(agenda, out, back, client, server, limits);
    const answer = new Pipe(agenda, back, out, server, client, limits);
    request.answer = answer;
    answer.answer = request;
    const connection: Connection = { pipes: [request, answer], ends: [client, server] };
    link.connections.add(connection);
    const retire = (): void => {
      if (client.kernelClosed && server.kernelClosed) link.connections.delete(connection);
    };
    client.join(request, answer, retire);
    server.join(answer, request, retire);
    client.connecting(null);
    answer.mark(OPENED);
    server.wake();
  }

  private ephemeralPort(name: string): number {
    const port = this.nextPort.get(name) ?? FIRST_EPHEMERAL_PORT;
    this.nextPort.set(name, port === 65_535 ? FIRST_EPHEMERAL_PORT : port + 1);
    return port;
  }
}

/** `nsqd1:4150` to `nsqd1`. */
export function nameOf(address: string): string {
  return address.slice(0, address.lastIndexOf(":"));
}

function portOf(address: string): number {
  const port = Number(address.slice(address.lastIndexOf(":") + 1));
  assert(Number.isInteger(port) && port >= 0 && port <= 65_535, `address ${address}: no port`);
  return port;
}
