import type { ByteStream, Host } from "../host.ts";
import type { Upgrades } from "../protocol/identify.ts";
import { SnappyDecoder, SnappyEncoder } from "../protocol/snappy/framing.ts";
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
  /** What came is not what was agreed on. */
  garbled(fault: string): void;
}

/**
 * What lies between a session and its stream after an IDENTIFY that granted it (protocol §6, upgrade sequence): snappy
 * here, deflate in the host's stream. Each layer is confirmed by an OK inside it, and what came behind the
 * IDENTIFY in clear is dropped.
 */
export class Layers {
  readonly granted: Upgrades;
  private readonly stream: ByteStream;
  private readonly output: Output;
  private readonly owner: LayersOwner;
  private snappy: SnappyDecoder | null = null;
  /** Between the answer to IDENTIFY and the last OK. */
  isRising = true;

  constructor(host: Host, stream: ByteStream, output: Output, owner: LayersOwner, granted: Upgrades) {
    this.stream = stream;
    this.output = output;
    this.owner = owner;
    this.granted = granted;
    // Everything in this step belongs to the time before.
    host.endOfStep(() => this.rise());
  }

  /** What the stream brings. */
  receive(bytes: Uint8Array): void {
    if (this.isRising) return;
    if (this.snappy === null) return this.owner.plain(bytes);
    const fault = this.snappy.push(bytes);
    if (fault !== null) this.owner.garbled(`snappy: ${fault}`);
    return undefined;
  }

  private rise(): void {
    const { stream, output, owner, granted } = this;
    if (owner.isClosed) return;
    // The answer to IDENTIFY leaves in clear.
    output.flushAll();
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
