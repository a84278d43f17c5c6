import { assert } from "../assert.ts";
import { type ByteStream, type CloseCause, type Host, HostError, type StreamEvents, type Timer } from "../host.ts";
import type { Micros } from "../time.ts";
import type { CommandWriter } from "./commands.ts";
import type { ClientConfig } from "./config.ts";
import type { Features, Upgrade } from "./identify.ts";
import { loadClientTls, SnappyLayer } from "./layers.ts";
import { ClientSession, type SessionEvents } from "./session.ts";

/** What a connection tells its owner: `ready`, responses, errors and messages of {@link SessionEvents}, and: */
export interface ConnectionOwner extends SessionEvents {
  /** Everything up to {@link Connection.handedOver} is with the host now. */
  flushed?(): void;
  /** Once, the last call. */
  closed(cause: string): void;
}

/**
 * One connection to an nsqd over a {@link Host}: a {@link ClientSession}, its byte stream and its deadlines. Output is
 * written once per step. While the socket is full it waits in memory, for `write_timeout` at most.
 */
export class Connection implements StreamEvents {
  /** The owner was not told `closed` yet. */
  open = true;

  private readonly host: Host;
  private readonly config: ClientConfig;
  private readonly owner: ConnectionOwner;
  private readonly session: ClientSession;
  private readonly stream: ByteStream;
  /** Where output goes: the stream, or what compresses for it. */
  private sink: Pick<ByteStream, "write">;
  private snappy: SnappyLayer | null = null;
  private flushPlanned = false;
  private blocked = false;
  private ending = false;
  private finSent = false;
  private lastReadAt: Micros;
  private readTimer: Timer | null;
  private writeTimer: Timer | null = null;
  private readonly flushTask = (): void => this.flush();

  constructor(host: Host, address: string, config: ClientConfig, owner: ConnectionOwner) {
    this.host = host;
    this.config = config;
    this.owner = owner;
    this.session = new ClientSession(config, host.name, owner);
    this.lastReadAt = host.now();
    this.readTimer = host.timer(this.lastReadAt + config.dialTimeout, () => this.close("dial timeout"));
    this.stream = host.connect(address, this);
    this.sink = this.stream;
  }

  /** Where commands are encoded. They leave after the handshake; call {@link plan} when some were added. */
  get commands(): CommandWriter {
    return this.session.commands;
  }

  get ready(): boolean {
    return this.session.ready;
  }

  get features(): Features {
    return this.session.features;
  }

  /** How many bytes of {@link commands} were given to the host. */
  get handedOver(): number {
    return this.session.commands.taken;
  }

  /** Output leaves at the end of this step. */
  plan(): void {
    if (this.flushPlanned) return;
    this.flushPlanned = true;
    this.host.endOfStep(this.flushTask);
  }

  /** Drops the connection now. */
  close(cause: string): void {
    if (!this.open) return;
    this.shut(cause);
    this.stream.destroy();
  }

  /** Sends what is planned, then FIN; `closed` comes when the peer has ended too, or after `write_timeout`. */
  end(): void {
    if (!this.open || this.ending) return;
    this.ending = true;
    this.writeTimer?.cancel();
    this.writeTimer = this.host.timer(this.host.now() + this.config.writeTimeout, () => this.close("ended"));
    this.plan();
  }

  opened(): void {
    if (!this.open) return;
    this.session.opened(this.stream.startDeflate !== undefined);
    this.readTimer?.cancel();
    this.lastReadAt = this.host.now();
    this.awaitBytes();
    this.plan();
  }

  data(bytes: Uint8Array): void {
    if (!this.open) return;
    this.lastReadAt = this.host.now();
    if (this.snappy === null) this.take(bytes);
    else this.snappy.receive(bytes);
    if (!this.open) return;
    if (this.session.upgrade !== null) this.rise(this.session.upgrade);
    else if (this.sendable() > 0) this.plan();
  }

  ended(): void {
    this.close(this.ending ? "ended" : "closed by nsqd");
  }

  drained(): void {
    if (!this.open) return;
    this.blocked = false;
    if (!this.ending) {
      this.writeTimer?.cancel();
      this.writeTimer = null;
    }
    this.flush();
  }

  closed(cause: CloseCause): void {
    if (this.open) this.shut(cause);
  }

  private shut(cause: string): void {
    assert(this.open, "a connection closes once");
    this.open = false;
    this.session.close();
    this.readTimer?.cancel();
    this.writeTimer?.cancel();
    this.owner.closed(cause);
  }

  private take(bytes: Uint8Array): void {
    const fault = this.session.receive(bytes);
    if (fault !== null) this.close(fault);
  }

  /** Puts a layer on the stream (client semantics §1). The server confirms it inside. */
  private rise(upgrade: Upgrade): void {
    const early = this.session.upgraded();
    if (upgrade === "tls") return this.startTls();
    if (upgrade === "deflate") return this.stream.startDeflate!(this.session.features.deflateLevel, early);
    this.snappy = new SnappyLayer(
      this.stream,
      (bytes) => this.take(bytes),
      (fault) => this.close(fault),
    );
    this.sink = this.snappy;
    if (early.length > 0) this.data(early);
    return undefined;
  }

  private startTls(): void {
    const context = loadClientTls(this.host, this.config);
    if (context instanceof HostError) return this.close(context.message);
    return this.stream.startTls!(context, (result) => {
      if (result instanceof HostError) this.close(`TLS handshake: ${result.message}`);
    });
  }

  private flush(): void {
    this.flushPlanned = false;
    if (!this.open || this.blocked || this.finSent) return;
    const { control, commands, ready } = this.session;
    let room = true;
    if (control.pendingBytes > 0) room = this.sink.write(control.take());
    if (room && ready && commands.pendingBytes > 0) {
      room = this.sink.write(commands.take());
      this.owner.flushed?.();
    }
    if (!room) this.block();
    if (!this.ending || this.sendable() > 0) return;
    this.finSent = true;
    this.stream.end();
  }

  /** Bytes that may leave now. */
  private sendable(): number {
    const { control, commands, ready } = this.session;
    return control.pendingBytes + (ready ? commands.pendingBytes : 0);
  }

  /** The socket takes no more: it has `write_timeout` to change its mind. */
  private block(): void {
    this.blocked = true;
    if (this.ending) return;
    this.writeTimer?.cancel();
    this.writeTimer = this.host.timer(this.host.now() + this.config.writeTimeout, () => this.close("write timeout"));
  }

  /** One timer per interval of silence, not one per chunk. */
  private awaitBytes(): void {
    const due = this.lastReadAt + this.config.readTimeout;
    this.readTimer = this.host.timer(due, () => {
      if (this.host.now() >= this.lastReadAt + this.config.readTimeout) this.close("read timeout");
      else this.awaitBytes();
    });
  }
}
