import { type Host, HostError, type HttpHandler, type Listener, type TlsContext } from "../host.ts";
import { Broker } from "./broker.ts";
import { nsqdHttp } from "./http.ts";
import { broadcastAddress, portOf, statsdHost } from "./http/config.ts";
import type { NsqdHttpContext } from "./http/context.ts";
import { tlsRequiredHttp } from "./http/tls-required.ts";
import { type Broadcast, Lookup } from "./lookup/lookup.ts";
import { MetadataKeeper } from "./metadata.ts";
import type { NsqdOptions } from "./options.ts";
import type { NsqdProbe } from "./probe.ts";
import type { GaugeVisitor, NsqdStats, StatsFilter } from "./stats.ts";
import { StatsdPusher, statsdPrefix } from "./statsd.ts";
import { loadServerTls } from "./tls.ts";

export interface NsqdHooks {
  /** Told of everything that happens to messages. */
  readonly probe?: NsqdProbe;
  /** Called once: when the broker serves, or with why it cannot. */
  readonly ready?: (result: HostError | NsqdAddresses) => void;
}

/** The addresses as bound. */
export interface NsqdAddresses {
  readonly tcpAddress: string;
  /** "": no HTTP. */
  readonly httpAddress: string;
  /** "": no HTTPS. */
  readonly httpsAddress: string;
}

/** A running nsqd. */
export interface NsqdProgram {
  /** As on SIGTERM (nsqd-semantics §10.1): no more connections, clients are closed, nsqd.dat and all queues written. */
  stop(done: () => void): void;
  stats(filter?: StatsFilter): NsqdStats;
  /** Shows the levels of every topic and channel. */
  gauges(visit: GaugeVisitor): void;
}

/** Starts an nsqd on a host: reads nsqd.dat, then serves TCP, with a certificate HTTPS, and HTTP. */
export function startNsqd(host: Host, options: NsqdOptions, hooks: NsqdHooks = {}): NsqdProgram {
  const nsqd = new Nsqd(host, options, hooks);
  nsqd.start();
  return nsqd;
}

class Nsqd implements NsqdProgram {
  private readonly host: Host;
  private readonly options: NsqdOptions;
  private readonly tls: HostError | TlsContext | null;
  private readonly broker: Broker;
  private readonly metadata: MetadataKeeper;
  private readonly ready: (result: HostError | NsqdAddresses) => void;
  private readonly context: NsqdHttpContext;
  private readonly listeners: Listener[] = [];
  private readonly lookup: Lookup;
  private statsd: StatsdPusher | null = null;
  private tcpAddress = "";
  private httpAddress = "";
  private httpsAddress = "";
  private isStopping = false;
  /** It could not start. */
  private isRefused = false;
  /** Who waits for its end when it could not start; null: it has ended. */
  private told: (() => void)[] | null = [];

  constructor(host: Host, options: NsqdOptions, hooks: NsqdHooks) {
    this.host = host;
    this.options = options;
    this.tls = loadServerTls(host, options);
    const tls = this.tls instanceof HostError ? null : this.tls;
    this.broker = new Broker(host, options, hooks.probe ?? null, tls);
    this.metadata = new MetadataKeeper(host, this.broker, this.broker.savesMetadataAgain);
    const addresses = (): NsqdAddresses => this.addresses();
    this.lookup = new Lookup(host, options, this.broker, () => broadcastOf(this.context));
    this.context = { host, admin: this.broker, metadata: this.metadata, lookup: this.lookup, addresses };
    this.ready = hooks.ready ?? ((): void => {});
  }

  start(): void {
    if (this.tls instanceof HostError) return this.refuse(this.tls);
    return this.metadata.load((failure) => {
      if (this.isStopping) return;
      if (failure === null) this.listen();
      else this.refuse(new HostError("EMETADATA", failure));
    });
  }

  stop(done: () => void): void {
    // It ends by itself.
    if (this.isRefused) return this.whenEnded(done);
    this.isStopping = true;
    // Before anything else goes: the nsqlookupds are told nothing of what happens at the end.
    this.lookup.stop();
    this.statsd?.stop();
    this.metadata.stop();
    for (const listener of this.listeners) listener.close();
    let left = 2;
    let isKept = false;
    const saved = (): void => {
      left -= 1;
      if (left > 0) return;
      if (isKept) done();
      // The queues have let go of their files: without descriptors it failed, now it may not.
      else this.metadata.save(() => done());
    };
    // The file is written from what there is now; closing clients ends their ephemeral channels only.
    this.metadata.save((error) => {
      isKept = error === null;
      saved();
    });
    return this.broker.stop(saved);
  }

  stats(filter?: StatsFilter): NsqdStats {
    return this.broker.stats(filter);
  }

  gauges(visit: GaugeVisitor): void {
    this.broker.gauges(visit);
  }

  private listen(): void {
    const { host, options, broker } = this;
    const listener = host.listen(
      options.tcpAddress,
      (stream) => broker.accept(stream),
      (result) => {
        if (result instanceof HostError) return this.refuse(result);
        this.tcpAddress = result.address;
        return this.listenHttps();
      },
    );
    this.listeners.push(listener);
  }

  private listenHttps(): void {
    const { options, tls } = this;
    if (tls === null || tls instanceof HostError || options.httpsAddress === "") return this.listenHttp();
    return this.serveHttp(options.httpsAddress, nsqdHttp(this.context), tls, (address) => {
      this.httpsAddress = address;
      this.listenHttp();
    });
  }

  private listenHttp(): void {
    const { options } = this;
    if (options.httpAddress === "") return this.serving();
    const isRefused = options.tlsRequired === "true";
    const handler = isRefused ? tlsRequiredHttp(portOf(this.httpsAddress)) : nsqdHttp(this.context);
    return this.serveHttp(options.httpAddress, handler, undefined, (address) => {
      this.httpAddress = address;
      this.serving();
    });
  }

  private serveHttp(
    address: string,
    handler: HttpHandler,
    tls: TlsContext | undefined,
    bound: (address: string) => void,
  ): void {
    const ready = (result: HostError | { readonly address: string }): void => {
      if (result instanceof HostError) this.refuse(result);
      else bound(result.address);
    };
    this.listeners.push(this.host.serveHttp(address, handler, ready, tls));
  }

  private addresses(): NsqdAddresses {
    const { tcpAddress, httpAddress, httpsAddress } = this;
    return { tcpAddress, httpAddress, httpsAddress };
  }

  private serving(): void {
    const { tcpAddress, httpAddress, httpsAddress } = this;
    this.host.log("info", `TCP: listening on ${tcpAddress}`);
    if (httpsAddress !== "") this.host.log("info", `HTTPS: listening on ${httpsAddress}`);
    if (httpAddress !== "") this.host.log("info", `HTTP: listening on ${httpAddress}`);
    this.startLookup();
    if (this.options.statsdAddress !== "") this.startStatsd();
    this.ready(this.addresses());
  }

  private startLookup(): void {
    const { broker, lookup } = this;
    lookup.start();
    broker.onRegistrationChange = (topic, channel) => lookup.changed(topic, channel);
    broker.findChannels = (topic, found) => lookup.channelsOf(topic, found);
  }

  private startStatsd(): void {
    const { host, options, broker } = this;
    const prefix = statsdPrefix(options, statsdHost(this.context));
    this.statsd = new StatsdPusher(host, options, (filter) => broker.stats(filter), prefix);
    this.statsd.start();
  }

  private refuse(error: HostError): void {
    if (this.isStopping || this.isRefused) return;
    this.isRefused = true;
    this.whenEnded(() => this.ready(error));
    this.metadata.stop();
    for (const listener of this.listeners) listener.close();
    this.broker.stop(() => {
      const told = this.told!;
      this.told = null;
      for (const done of told) done();
    });
  }

  private whenEnded(done: () => void): void {
    if (this.told === null) done();
    else this.told.push(done);
  }
}

/** Where clients are told to connect. */
function broadcastOf(context: NsqdHttpContext): Broadcast {
  const { broadcastTcpPort, broadcastHttpPort } = context.admin.options;
  const { tcpAddress, httpAddress } = context.addresses();
  return {
    address: broadcastAddress(context),
    tcpPort: broadcastTcpPort === 0 ? portOf(tcpAddress) : broadcastTcpPort,
    httpPort: broadcastHttpPort === 0 ? portOf(httpAddress) : broadcastHttpPort,
  };
}
