import { readFileSync } from "node:fs";
import net from "node:net";
import tls from "node:tls";
import { HostError, type TlsContext, type TlsFacts, type TlsSettings, type TlsVersion } from "../host.ts";

/** OpenSSL knows no SSL 3 any more; like Go's, it begins with TLS 1.0. */
const MIN_VERSIONS: Readonly<Record<TlsVersion, tls.SecureVersion>> = {
  "ssl3.0": "TLSv1",
  "tls1.0": "TLSv1",
  "tls1.1": "TLSv1.1",
  "tls1.2": "TLSv1.2",
  "tls1.3": "TLSv1.3",
};

/** What {@link loadNodeTls} has read. */
export class NodeTlsContext implements TlsContext {
  readonly settings: TlsSettings;
  /** For a server of its own (HTTPS). */
  readonly options: tls.SecureContextOptions;
  readonly secureContext: tls.SecureContext;

  constructor(settings: TlsSettings, options: tls.SecureContextOptions) {
    this.settings = settings;
    this.options = options;
    this.secureContext = tls.createSecureContext(options);
  }
}

/** {@link Host.loadTls} over node:tls. */
export function loadNodeTls(settings: TlsSettings): HostError | NodeTlsContext {
  const { certFile, keyFile, caFile } = settings;
  const minVersion = MIN_VERSIONS[settings.minVersion];
  try {
    const options: tls.SecureContextOptions = { minVersion };
    if (certFile !== "" || keyFile !== "") {
      options.cert = readFileSync(certFile);
      options.key = readFileSync(keyFile);
    }
    if (caFile !== "") options.ca = readFileSync(caFile);
    // OpenSSL's default security level knows nothing older than TLS 1.2, however low the minimum version.
    if (minVersion === "TLSv1" || minVersion === "TLSv1.1") options.ciphers = `${tls.DEFAULT_CIPHERS}:@SECLEVEL=0`;
    return new NodeTlsContext(settings, options);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return new HostError(code ?? "EINVAL", `failed to build TLS config - ${message}`);
  }
}

/** Ends in one of them, once: TLS is up, or will never be. */
export interface Handshake {
  established(facts: TlsFacts): void;
  failed(error: HostError): void;
}

/**
 * Begins TLS on a connected socket, which belongs to TLS from now on.
 *
 * @param serverName who a client expects to meet; of no use to a server
 */
export function startNodeTls(
  socket: net.Socket,
  context: NodeTlsContext,
  serverName: string,
  handshake: Handshake,
): tls.TLSSocket {
  const isServer = context.settings.role === "server";
  const secure = isServer ? wrapServer(socket, context) : wrapClient(socket, context, serverName);
  let isOver = false;
  const fail = (code: string, message: string): void => {
    if (isOver) return;
    isOver = true;
    handshake.failed(new HostError(code, message));
    secure.destroy();
  };
  secure.once(isServer ? "secure" : "secureConnect", () => {
    if (isOver) return;
    const refusal = isServer ? refuseClient(secure, context.settings) : null;
    if (refusal !== null) return fail("EACCES", refusal);
    isOver = true;
    return handshake.established(factsOf(secure));
  });
  const erred = (error: NodeJS.ErrnoException): void => fail(error.code ?? "EPROTO", error.message);
  secure.on("error", erred);
  // A server's handshake tells its errors under this name only.
  secure.once("_tlsError", erred);
  const left = (): void => fail("ECONNRESET", "the peer left during the TLS handshake");
  secure.once("end", left);
  secure.once("close", left);
  return secure;
}

function wrapServer(socket: net.Socket, { settings, secureContext }: NodeTlsContext): tls.TLSSocket {
  const asks = settings.peer !== "anyone";
  return new tls.TLSSocket(socket, { isServer: true, secureContext, requestCert: asks, rejectUnauthorized: asks });
}

function wrapClient(socket: net.Socket, { settings, secureContext }: NodeTlsContext, name: string): tls.TLSSocket {
  const rejectUnauthorized = settings.peer === "verified";
  // An address is no name to ask for, but still what the certificate must be about.
  const named = net.isIP(name) === 0 && name !== "" ? { servername: name } : {};
  return tls.connect({ socket, secureContext, rejectUnauthorized, host: name, ...named });
}

/** What is wrong with a client's certificate, or null. That there is one has been seen to by the handshake. */
function refuseClient(secure: tls.TLSSocket, { peer }: TlsSettings): string | null {
  if (peer !== "verified") return null;
  // Node's own TLS server asks in the same way, under no public name. If that is gone, nobody is let in.
  const handle = (secure as unknown as { _handle?: { verifyError?: () => Error | null } })._handle;
  if (typeof handle?.verifyError !== "function") return "certificates cannot be verified";
  return handle.verifyError()?.message ?? null;
}

function factsOf(secure: tls.TLSSocket): TlsFacts {
  const peer = secure.getPeerCertificate();
  const name: string | string[] | undefined = Object.keys(peer).length === 0 ? undefined : peer.subject.CN;
  return {
    version: (secure.getProtocol() ?? "").replace("TLSv", "TLS").replace(/^TLS1$/, "TLS1.0"),
    cipherSuite: secure.getCipher().standardName,
    protocol: typeof secure.alpnProtocol === "string" ? secure.alpnProtocol : "",
    peerName: Array.isArray(name) ? (name.at(-1) ?? "") : (name ?? ""),
  };
}
