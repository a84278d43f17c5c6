import { createServer, connect, type AddressInfo, type Server, type Socket } from "node:net";
import type { Random } from "../../core/random.ts";
import { microsToMs } from "../../core/time.ts";
import { Duration } from "../../sim/duration.ts";
import { Direction, type DirectionMode } from "./direction.ts";
import { CommandScanner, FrameScanner } from "../../sim/network/wire.ts";

/** `toNsqd`: commands; `toClient`: frames. */
export type Way = "toNsqd" | "toClient";

const WAYS = ["toNsqd", "toClient"] as const;

interface ProxiedConnection {
  readonly client: Socket;
  readonly nsqd: Socket;
  readonly toNsqd: Direction;
  readonly toClient: Direction;
}

/** One way of a link, as faults see it. */
export class RealLane {
  private readonly latencies = [new Duration(0)];
  /** Partitions in force: nothing passes, and new connections hang. */
  blocks = 0;
  /** Stalls in force: nothing passes. */
  stalls = 0;
  /** Cuts in force: what comes vanishes. */
  cuts = 0;
  private readonly changed: () => void;

  constructor(changed: () => void) {
    this.changed = changed;
  }

  get mode(): DirectionMode {
    if (this.cuts > 0) return "vanish";
    return this.blocks + this.stalls > 0 ? "hold" : "pass";
  }

  get latency(): Duration {
    return this.latencies.at(-1)!;
  }

  setLatency(latency: Duration): void {
    this.latencies.push(latency);
  }

  unsetLatency(latency: Duration): void {
    this.latencies.splice(this.latencies.lastIndexOf(latency), 1);
  }

  block(): void {
    this.change("blocks", 1);
  }

  unblock(): void {
    this.change("blocks", -1);
  }

  change(what: "blocks" | "stalls" | "cuts", by: 1 | -1): void {
    this[what] += by;
    this.changed();
  }
}

export interface LinkSettings {
  /** Name of the client's process. */
  readonly client: string;
  /** Where nsqd listens, by now. */
  readonly nsqdAddress: () => { readonly host: string; readonly port: number };
  /** A unit passes, or would: called before its last bytes do. */
  readonly onUnit: (way: Way, unit: string) => void;
  /** Draws latencies. */
  readonly random: Random;
}

/**
 * The link between one client process and one nsqd: a TCP proxy on loopback that sees every byte and can hold, drop or
 * delay them, and reset connections.
 *
 * A client's connection is opened in two steps, so that it fares as it would without the proxy: {@link open} connects
 * to nsqd, and only when that worked the client connects to the proxy.
 */
export class RealLink {
  /** The proxy's own address, once {@link listen} is done. */
  address = "";
  readonly connections = new Set<ProxiedConnection>();
  private readonly settings: LinkSettings;
  private readonly lanes: Readonly<Record<Way, RealLane>>;
  /** Connections to nsqd that wait for their client; they are all alike. */
  private readonly spare: Socket[] = [];
  /** Opens that hang in a partition. */
  private readonly hanging = new Set<() => void>();
  private server: Server | null = null;

  constructor(settings: LinkSettings) {
    this.settings = settings;
    const changed = (): void => this.apply();
    this.lanes = { toNsqd: new RealLane(changed), toClient: new RealLane(changed) };
  }

  /** The lane that leaves this process. */
  from(process: string): RealLane {
    return process === this.settings.client ? this.lanes.toNsqd : this.lanes.toClient;
  }

  async listen(): Promise<void> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.join(client));
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    this.address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Connects to nsqd for a client; `done` with null, or the system's error code. Returns how to give up. */
  open(done: (errorCode: string | null) => void): () => void {
    let givenUp = false;
    const fail = (error: NodeJS.ErrnoException): void => done(error.code ?? "EIO");
    const dial = (): void => {
      if (givenUp) return;
      const socket = connect({ ...this.settings.nsqdAddress(), allowHalfOpen: true, noDelay: true });
      socket.once("error", fail);
      socket.once("connect", () => {
        socket.off("error", fail);
        if (givenUp) socket.destroy();
        else {
          // Until its client comes, an error shows by the close that follows it.
          socket.on("error", () => undefined);
          socket.once("close", () => this.removeSpare(socket));
          this.spare.push(socket);
          done(null);
        }
      });
    };
    if (this.isPartitioned) this.hanging.add(dial);
    else dial();
    return () => {
      givenUp = true;
      this.hanging.delete(dial);
    };
  }

  /** Bytes of the lanes are held until the returned function is called. */
  stall(lanes: readonly RealLane[]): () => void {
    for (const lane of lanes) lane.change("stalls", 1);
    return () => {
      for (const lane of lanes) lane.change("stalls", -1);
    };
  }

  /** Bytes of the lanes vanish until the returned function is called; it resets the connections as well. */
  cut(lanes: readonly RealLane[]): () => void {
    for (const lane of lanes) lane.change("cuts", 1);
    return () => {
      this.reset();
      for (const lane of lanes) lane.change("cuts", -1);
    };
  }

  /** Both sides of every connection see a reset. */
  reset(): void {
    for (const { client, nsqd } of this.connections) {
      client.resetAndDestroy();
      nsqd.resetAndDestroy();
    }
  }

  close(): void {
    this.server?.close();
    for (const { client, nsqd } of this.connections) {
      client.destroy();
      nsqd.destroy();
    }
    for (const socket of this.spare) socket.destroy();
  }

  private join(client: Socket): void {
    const nsqd = this.spare.shift();
    if (nsqd === undefined) {
      client.resetAndDestroy();
      return;
    }
    const { onUnit, random } = this.settings;
    const { lanes } = this;
    const delay = (way: Way) => (): number => microsToMs(lanes[way].latency.draw(random));
    const connection: ProxiedConnection = {
      client,
      nsqd,
      toNsqd: new Direction(client, nsqd, new CommandScanner(), (unit) => onUnit("toNsqd", unit), delay("toNsqd")),
      toClient: new Direction(nsqd, client, new FrameScanner(), (unit) => onUnit("toClient", unit), delay("toClient")),
    };
    this.connections.add(connection);
    for (const way of WAYS) connection[way].setMode(lanes[way].mode);
    this.passCloses(connection, client, nsqd, "toNsqd");
    this.passCloses(connection, nsqd, client, "toClient");
  }

  /** A reset of one side resets the other, unless the link holds or drops what goes that way: nobody is told then. */
  private passCloses(connection: ProxiedConnection, from: Socket, to: Socket, way: Way): void {
    let broke = false;
    from.on("error", () => {
      broke = true;
    });
    from.on("close", () => {
      if (this.lanes[way].mode === "pass") {
        if (broke) to.resetAndDestroy();
        else if (!from.readableEnded) to.destroy();
      }
      if (!connection.client.destroyed || !connection.nsqd.destroyed) return;
      connection.toNsqd.close();
      connection.toClient.close();
      this.connections.delete(connection);
    });
  }

  private get isPartitioned(): boolean {
    return WAYS.some((way) => this.lanes[way].blocks > 0);
  }

  /** Brings every connection in line with its lanes. */
  private apply(): void {
    for (const connection of this.connections) {
      for (const way of WAYS) connection[way].setMode(this.lanes[way].mode);
    }
    if (WAYS.every((way) => this.lanes[way].mode === "pass")) this.resetOrphans();
    if (this.isPartitioned) return;
    const waiting = [...this.hanging];
    this.hanging.clear();
    for (const dial of waiting) dial();
  }

  /** A side that closed while nobody could be told: what the other side sends next is answered by a reset. */
  private resetOrphans(): void {
    for (const { client, nsqd } of this.connections) {
      if (client.destroyed && !nsqd.destroyed) nsqd.resetAndDestroy();
      else if (nsqd.destroyed && !client.destroyed) client.resetAndDestroy();
    }
  }

  private removeSpare(socket: Socket): void {
    const index = this.spare.indexOf(socket);
    if (index !== -1) this.spare.splice(index, 1);
  }
}
