import { type Host, HostError, type TlsContext, type TlsVersion } from "../host.ts";
import type { NsqdOptions } from "./options.ts";

/** The server's side of TLS as the flags want it; null: they name no certificate (protocol §11). */
export function loadServerTls(host: Host, options: NsqdOptions): HostError | TlsContext | null {
  const { tlsCert, tlsKey, tlsRootCaFile, tlsMinVersion, tlsClientAuthPolicy } = options;
  if (tlsCert === "" && tlsKey === "") return null;
  if (host.loadTls === undefined) return new HostError("ENOTSUP", "failed to build TLS config - there is no TLS here");
  return host.loadTls({
    role: "server",
    certFile: tlsCert,
    keyFile: tlsKey,
    caFile: tlsRootCaFile,
    minVersion: tlsMinVersion as TlsVersion,
    peer: tlsClientAuthPolicy === "" ? "anyone" : tlsClientAuthPolicy === "require-verify" ? "verified" : "certified",
  });
}
