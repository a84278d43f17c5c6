import {
  type Host,
  HostError,
  type HttpCall,
  type HttpResponse,
  type TlsContext,
  type TlsVersion,
} from "../../host.ts";
import { bytesOf, decodeUtf8 } from "../../protocol/text.ts";
import type { NsqdOptions } from "../options.ts";
import { type Authorization, AuthorizationError, readAuthorization } from "./authorization.ts";
import { PatternError } from "./parse.ts";
import { type AuthEndpoint, type AuthQuery, endpointOf, jsonEncoded, urlEncoded } from "./query.ts";

const NO_BYTES = new Uint8Array(0);
const ACCEPT = { Accept: "application/vnd.nsq; version=1.0" };
const JSON_TYPE = { "Content-Type": "application/json" };

/** The servers that say what a client may do (protocol §13). They are asked one after the other until one answers. */
export class AuthServers {
  private readonly host: Host;
  private readonly options: NsqdOptions;
  /** For servers that are asked over HTTPS; not loaded before. */
  private tls: TlsContext | HostError | null = null;

  constructor(host: Host, options: NsqdOptions) {
    this.host = host;
    this.options = options;
  }

  /** Null: none of them gave an answer that can be used; the log says why. */
  ask(query: AuthQuery, done: (authorization: Authorization | null) => void): void {
    const { authHttpAddresses } = this.options;
    const first = this.host.random("auth").integer(0, authHttpAddresses.length - 1);
    this.askFrom(first, 0, query, done);
  }

  private askFrom(
    first: number,
    failures: number,
    query: AuthQuery,
    done: (authorization: Authorization | null) => void,
  ): void {
    const { authHttpAddresses } = this.options;
    if (failures === authHttpAddresses.length) return done(null);
    const server = authHttpAddresses[(first + failures) % authHttpAddresses.length]!;
    return this.askOne(server, query, (answer) => {
      if (typeof answer !== "string") return done(answer);
      this.host.log("error", `auth server ${server}: ${answer}`);
      return this.askFrom(first, failures + 1, query, done);
    });
  }

  private askOne(server: string, query: AuthQuery, done: (answer: Authorization | string) => void): void {
    const endpoint = endpointOf(server);
    if (endpoint === null) return done("no address and no URL");
    return this.send(endpoint, query, (result) => {
      const elsewhere = endpoint.isSecure ? null : securedEndpoint(endpoint, result);
      if (elsewhere === null) return done(readAnswer(result));
      return this.send(elsewhere, query, (second) => done(readAnswer(second)));
    });
  }

  private send(endpoint: AuthEndpoint, query: AuthQuery, done: (result: HostError | HttpResponse) => void): void {
    const { host, options } = this;
    const isPost = options.authHttpRequestMethod === "post";
    const call: HttpCall = {
      method: isPost ? "POST" : "GET",
      target: isPost ? endpoint.target : `${endpoint.target}?${urlEncoded(query)}`,
      headers: isPost ? { ...ACCEPT, ...JSON_TYPE } : ACCEPT,
      body: isPost ? jsonEncoded(query) : NO_BYTES,
      connectTimeout: options.httpClientConnectTimeout,
      timeout: options.httpClientRequestTimeout,
    };
    if (!endpoint.isSecure) return host.requestHttp(endpoint.address, call, done);
    const tls = this.clientTls();
    return tls instanceof HostError ? done(tls) : host.requestHttp(endpoint.address, { ...call, tls }, done);
  }

  private clientTls(): TlsContext | HostError {
    const { host, options } = this;
    this.tls ??=
      host.loadTls?.({
        role: "client",
        certFile: "",
        keyFile: "",
        caFile: options.tlsRootCaFile,
        minVersion: options.tlsMinVersion as TlsVersion,
        peer: "verified",
      }) ?? new HostError("ENOTSUP", "there is no TLS here");
    return this.tls;
  }
}

/** Where a server that refuses clear text wants to be asked instead; null: it does not say that. */
function securedEndpoint(endpoint: AuthEndpoint, result: HostError | HttpResponse): AuthEndpoint | null {
  if (result instanceof HostError || result.status !== 403) return null;
  let port: unknown;
  try {
    port = (JSON.parse(textOf(result)) as { https_port?: unknown } | null)?.https_port;
  } catch {
    return null;
  }
  if (typeof port !== "number" || !Number.isInteger(port) || port <= 0 || port > 65_535) return null;
  return { ...endpoint, isSecure: true, address: endpoint.address.replace(/\d+$/, String(port)) };
}

function readAnswer(result: HostError | HttpResponse): Authorization | string {
  if (result instanceof HostError) return result.message;
  if (result.status !== 200) return `got response ${result.status} ${JSON.stringify(textOf(result).slice(0, 200))}`;
  try {
    return readAuthorization(typeof result.body === "string" ? bytesOf(result.body) : result.body);
  } catch (error) {
    if (error instanceof AuthorizationError || error instanceof PatternError) return error.message;
    throw error;
  }
}

function textOf({ body }: HttpResponse): string {
  return typeof body === "string" ? body : decodeUtf8(body);
}
