import type { HttpResponse, LogLevel } from "../../host.ts";
import { byteString, decodeUtf8 } from "../../protocol/text.ts";
import { configKeyOf } from "../../flags/flag.ts";
import { FLAGS, type Flag } from "../flags.ts";
import { statsdPrefix } from "../statsd.ts";
import { failure, json, text } from "./answer.ts";
import type { NsqdHttpContext } from "./context.ts";
import type { RoutedRequest } from "./router.ts";

/** Go's numbers of the log levels. */
const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error", "fatal"];
/** Go's numbers of TLS versions. */
const TLS_VERSIONS: Readonly<Record<string, number>> = {
  "ssl3.0": 768,
  "tls1.0": 769,
  "tls1.1": 770,
  "tls1.2": 771,
  "tls1.3": 772,
};
const TLS_REQUIREMENTS: readonly string[] = ["false", "tcp-https", "true"];

/** GET and PUT /config/:opt: options by their names in a configuration file (nsqd-http §2). */
export class ConfigRoutes {
  private readonly context: NsqdHttpContext;
  private logLevel: LogLevel;

  constructor(context: NsqdHttpContext) {
    this.context = context;
    this.logLevel = context.admin.options.logLevel;
  }

  read({ rest }: RoutedRequest): HttpResponse {
    const flag = FLAGS.find((candidate) => configKeyOf(candidate) === rest);
    return flag === undefined ? failure(400, "INVALID_OPTION") : this.show(flag);
  }

  /** Two can be changed: the log level, and the addresses of the nsqlookupds. */
  write({ rest, body }: RoutedRequest): HttpResponse {
    const { options } = this.context.admin;
    if (body.length === 0 || body.length > options.maxMsgSize) return failure(413, "INVALID_VALUE");
    if (rest === "nsqlookupd_tcp_addresses") {
      const addresses = parseAddresses(body);
      if (addresses === null) return failure(400, "INVALID_VALUE");
      this.context.lookup.setAddresses(addresses);
      return this.read({ rest, body, query: null });
    }
    if (rest !== "log_level") return failure(400, "INVALID_OPTION");
    const word = byteString(body, 0, body.length).toLowerCase();
    const level = LOG_LEVELS.find((candidate) => candidate === word);
    if (level === undefined) return failure(400, "INVALID_VALUE");
    this.logLevel = level;
    this.context.host.setLogLevel?.(level);
    return this.read({ rest, body, query: null });
  }

  private show(flag: Flag): HttpResponse {
    const { options } = this.context.admin;
    if (flag.key === "logLevel") return json(LOG_LEVELS.indexOf(this.logLevel) + 1);
    if (flag.key === "tlsMinVersion") return json(TLS_VERSIONS[options.tlsMinVersion]);
    if (flag.key === "tlsRequired") return json(TLS_REQUIREMENTS.indexOf(options.tlsRequired));
    if (flag.key === "statsdPrefix") return text(statsdPrefix(options, statsdHost(this.context)));
    if (flag.key === "broadcastAddress") return text(broadcastAddress(this.context));
    if (flag.key === "lookupdTcpAddresses") return json(this.context.lookup.addresses);
    const value = options[flag.key];
    // Durations are microseconds here and nanoseconds in Go.
    if (flag.type === "duration") return json(Number(value) * 1000);
    return typeof value === "string" ? text(value) : json(value);
  }
}

/** `broadcast_address:http_port`, from which statsd names are made. */
export function statsdHost(context: NsqdHttpContext): string {
  return `${broadcastAddress(context)}:${portOf(context.addresses().httpAddress)}`;
}

/** A JSON array of strings; null when it is none. */
function parseAddresses(body: Uint8Array): string[] | null {
  try {
    const value: unknown = JSON.parse(decodeUtf8(body));
    return Array.isArray(value) && value.every((item) => typeof item === "string") ? value : null;
  } catch {
    return null;
  }
}

/** What clients are told to connect to. */
export function broadcastAddress({ admin, host }: NsqdHttpContext): string {
  return admin.options.broadcastAddress === "" ? host.name : admin.options.broadcastAddress;
}

/** The port of a bound address: -1 for a unix socket, 0 when nothing is bound. */
export function portOf(address: string): number {
  if (address === "") return 0;
  const port = /:(\d+)$/.exec(address)?.[1];
  return port === undefined ? -1 : Number(port);
}
