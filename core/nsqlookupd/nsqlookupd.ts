import { type ByteStream, type Host, HostError, type Listener } from "../host.ts";
import { portOf } from "../nsqd/http/config.ts";
import { lookupdHttp } from "./http.ts";
import type { LookupdIdentity } from "./identify.ts";
import type { NsqlookupdOptions } from "./options.ts";
import { Registry } from "./registry.ts";
import { LookupdSession } from "./session.ts";

export interface NsqlookupdHooks {
  /** Called once: when it serves, or with why it cannot. */
  readonly ready?: (result: HostError | NsqlookupdAddresses) => void;
}

/** The addresses as bound. */
export interface NsqlookupdAddresses {
  readonly tcpAddress: string;
  readonly httpAddress: string;
}

/** A running nsqlookupd. */
export interface NsqlookupdProgram {
  /** As on SIGTERM: no more connections, those there are are closed. Everything is forgotten. */
  stop(done: () => void): void;
}

/** Starts an nsqlookupd on a host: a directory of who has which topic, kept in memory only (nsqlookupd §A). */
export function startNsqlookupd(
  host: Host,
  options: NsqlookupdOptions,
  hooks: NsqlookupdHooks = {},
): NsqlookupdProgram {
  const program = new Nsqlookupd(host, options, hooks);
  program.start();
  return program;
}

class Nsqlookupd implements NsqlookupdProgram {
  private readonly host: Host;
  private readonly options: NsqlookupdOptions;
  private readonly ready: (result: HostError | NsqlookupdAddresses) => void;
  private readonly registry = new Registry();
  private readonly sessions = new Set<LookupdSession>();
  private readonly listeners: Listener[] = [];
  private tcpAddress = "";
  private httpAddress = "";

  constructor(host: Host, options: NsqlookupdOptions, hooks: NsqlookupdHooks) {
    this.host = host;
    this.options = options;
    this.ready = hooks.ready ?? ((): void => {});
  }

  /** HTTP comes first: an nsqd that registers is told its port. */
  start(): void {
    const { host, options, registry } = this;
    const listener = host.serveHttp(options.httpAddress, lookupdHttp({ host, options, registry }), (result) => {
      if (result instanceof HostError) return this.refuse(result);
      this.httpAddress = result.address;
      return this.listen();
    });
    this.listeners.push(listener);
  }

  stop(done: () => void): void {
    for (const listener of this.listeners) listener.close();
    for (const session of this.sessions) session.close();
    this.host.endOfStep(done);
  }

  private listen(): void {
    const { host, registry, sessions } = this;
    const context = {
      host,
      registry,
      identity: () => this.identity(),
      closed: (session: LookupdSession) => void sessions.delete(session),
    };
    const accept = (stream: ByteStream): LookupdSession => {
      host.log("info", `TCP: new client(${stream.remoteAddress})`);
      const session = new LookupdSession(context, stream);
      sessions.add(session);
      return session;
    };
    const listener = host.listen(this.options.tcpAddress, accept, (result) => {
      if (result instanceof HostError) return this.refuse(result);
      this.tcpAddress = result.address;
      return this.serving();
    });
    this.listeners.push(listener);
  }

  private serving(): void {
    const { host, tcpAddress, httpAddress } = this;
    host.log("info", `TCP: listening on ${tcpAddress}`);
    host.log("info", `HTTP: listening on ${httpAddress}`);
    this.ready({ tcpAddress, httpAddress });
  }

  private identity(): LookupdIdentity {
    const { options, host } = this;
    return {
      broadcastAddress: options.broadcastAddress === "" ? host.name : options.broadcastAddress,
      hostname: host.name,
      httpPort: portOf(this.httpAddress),
      tcpPort: portOf(this.tcpAddress),
      version: options.version,
    };
  }

  private refuse(error: HostError): void {
    for (const listener of this.listeners) listener.close();
    for (const session of this.sessions) session.close();
    this.ready(error);
  }
}
