import { type ByteStream, type Host, HostError, type Timer, type TlsContext, type TlsFacts } from "../host.ts";
import type { Upgrades, UpgradesOffered } from "../protocol/identify.ts";
import { SnappyDecoder, SnappyEncoder } from "../protocol/snappy/framing.ts";
import { SECOND } from "../time.ts";
import type { Environment } from "./environment.ts";
import type { Output } from "./output.ts";

/** What an upgrade needs of its session. */
export interface LayersOwner {
  /** The session is over. */
  readonly isClosed: boolean;
  /** A layer is up: answer OK through it. */
  confirm(): void;
  /** All are: go on with the next command. */
  upgraded(): void;
  /** What the client sent, as it was before compression. */
  plain(bytes: Uint8Array): void;
  /** The connection cannot go on. */
  broken(fault: string): void;
}

/** What a connection may become. What there is already is not put on top of itself by another IDENTIFY. */
export function offeredUpgrades(
  { options, tls }: Environment,
  stream: ByteStream,
  layers: Layers | null,
): UpgradesOffered {
  const isFree = layers === null;
  return {
    tls: isFree && tls !== null && stream.startTls !== undefined,
    deflate: isFree && options.deflate && stream.startDeflate !== undefined,
    maxDeflateLevel: options.maxDeflateLevel,
    snappy: isFree && options.snappy,
  };
}

/** A client that does not come to terms is cut off (nsqd-semantics §15). */
const HANDSHAKE_TIMEOUT = 5 * SECOND;

/**
 * What lies between a session and its stream after an IDENTIFY that granted it (protocol §6, upgrade sequence): TLS, then
 * one compression; snappy here, TLS and deflate in the host's stream. Each layer is confirmed by an OK inside it, and
 * what came behind the IDENTIFY in clear is dropped.
 */
export class Layers {
  readonly granted: Upgrades;
  /** Null: not in TLS, or not yet. */
  tls: TlsFacts | null = null;
  /** Between the answer to IDENTIFY and the last OK. */
  isRising = true;
  private readonly host: Host;
  private readonly stream: ByteStream;
  private readonly output: Output;
  private readonly owner: LayersOwner;
  private readonly context: TlsContext | null;
  private snappy: SnappyDecoder | null = null;

  constructor({ host, tls }: Environment, stream: ByteStream, output: Output, owner: LayersOwner, granted: Upgrades) {
    this.host = host;
    this.stream = stream;
    this.output = output;
    this.owner = owner;
    this.granted = granted;
    this.context = tls;
    // Everything in this step belongs to the time before.
    host.endOfStep(() => this.rise());
  }

  /** What the stream brings. */
  receive(bytes: Uint8Array): void {
    if (this.isRising) return;
    if (this.snappy === null) return this.owner.plain(bytes);
    const fault = this.snappy.push(bytes);
    if (fault !== null) this.owner.broken(`snappy: ${fault}`);
    return undefined;
  }

  private rise(): void {
    if (this.owner.isClosed) return;
    // The answer to IDENTIFY leaves in clear.
    this.output.flushAll();
    if (this.granted.tls) this.secure(this.context!);
    else this.compress();
  }

  private secure(context: TlsContext): void {
    const { host, owner } = this;
    const timer: Timer = host.timer(host.now() + HANDSHAKE_TIMEOUT, () => {
      if (!owner.isClosed) owner.broken("TLS handshake: i/o timeout");
    });
    this.stream.startTls!(context, (result) => {
      timer.cancel();
      if (owner.isClosed) return;
      if (result instanceof HostError) return owner.broken(`TLS handshake: ${result.message}`);
      this.tls = result;
      owner.confirm();
      return this.compress();
    });
  }

  private compress(): void {
    const { stream, output, owner, granted } = this;
    if (granted.snappy) {
      const encoder = new SnappyEncoder();
      this.snappy = new SnappyDecoder((bytes) => owner.plain(bytes));
      output.setSink({ write: (bytes) => stream.write(encoder.encode(bytes)) });
      owner.confirm();
    }
    if (granted.deflate) {
      stream.startDeflate!(granted.deflateLevel);
      owner.confirm();
    }
    this.isRising = false;
    owner.upgraded();
  }
}
