import { type ByteStream, type Host, HostError, type TlsContext } from "../host.ts";
import { SnappyDecoder, SnappyEncoder } from "../protocol/snappy/framing.ts";
import type { ClientConfig } from "./config.ts";

/** Snappy on a client's stream, both ways. */
export class SnappyLayer {
  private readonly stream: ByteStream;
  private readonly encoder = new SnappyEncoder();
  private readonly decoder: SnappyDecoder;
  private readonly fail: (fault: string) => void;

  constructor(stream: ByteStream, take: (bytes: Uint8Array) => void, fail: (fault: string) => void) {
    this.stream = stream;
    this.decoder = new SnappyDecoder(take);
    this.fail = fail;
  }

  write(bytes: Uint8Array): boolean {
    return this.stream.write(this.encoder.encode(bytes));
  }

  receive(bytes: Uint8Array): void {
    const fault = this.decoder.push(bytes);
    if (fault !== null) this.fail(`snappy: ${fault}`);
  }
}

/** A client's side of TLS as its settings want it. */
export function loadClientTls(host: Host, config: ClientConfig): HostError | TlsContext {
  if (host.loadTls === undefined) return new HostError("ENOTSUP", "there is no TLS here");
  return host.loadTls({
    role: "client",
    certFile: config.tlsCert,
    keyFile: config.tlsKey,
    caFile: config.tlsRootCaFile,
    minVersion: config.tlsMinVersion,
    peer: config.tlsInsecureSkipVerify ? "anyone" : "verified",
  });
}
