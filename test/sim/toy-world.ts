import type { ByteStream, CloseCause, StreamEvents } from "../../core/host.ts";
import { Agenda } from "../../sim/clock.ts";
import { SimFiles } from "../../sim/disk/files.ts";
import { SimHost, type World } from "../../sim/host.ts";
import { Machine } from "../../sim/machine.ts";
import { Network, type NetworkOptions } from "../../sim/network/network.ts";
import { streamsOf } from "../../sim/streams.ts";

/** A simulated world without brokers: hosts, and streams that write down what happens to them. */
export class ToyWorld {
  readonly agenda = new Agenda();
  readonly network: Network;
  readonly world: World;
  private readonly files = new Map<string, SimFiles>();

  constructor(options: Partial<NetworkOptions> = {}) {
    const streams = streamsOf(1, this.agenda, null);
    this.network = new Network(this.agenda, {
      streams,
      latency: 10,
      fragmentBytes: 0,
      sendBufferBytes: 1_000,
      ...options,
    });
    this.world = { agenda: this.agenda, network: this.network, streams, running: "", log: null };
  }

  /** A new incarnation. */
  host(name: string, machine = new Machine(0), incarnation = 0): SimHost {
    return new SimHost(this.world, name, incarnation, machine, this.filesOf(name));
  }

  /** The files of its machine. */
  filesOf(name: string): SimFiles {
    let files = this.files.get(name);
    if (files === undefined) {
      files = new SimFiles(this.agenda, this.world.streams, name);
      this.files.set(name, files);
    }
    return files;
  }

  /** Lets virtual time pass. */
  pass(ms: number): void {
    this.agenda.runUntil(this.agenda.now + ms * 1_000);
  }

  /** A client `a` connected to a server `b`, 10 ms apart. */
  connected(): { a: SimHost; b: SimHost; client: Ear; server: Ear } {
    const a = this.host("a");
    const b = this.host("b");
    const server = this.serve(b);
    const client = new Ear(this.agenda);
    client.stream = a.connect("b:1", client);
    this.pass(100);
    return { a, b, client, server };
  }

  /** Listens at port 1; the ear hears the newest stream. */
  serve(host: SimHost): Ear {
    const ear = new Ear(this.agenda);
    host.listen(
      ":1",
      (stream) => {
        ear.stream = stream;
        ear.note("accepted");
        return ear;
      },
      () => {},
    );
    return ear;
  }
}

/** Writes down what happens to a stream, each with its instant in ms: `12 data hello`. */
export class Ear implements StreamEvents {
  stream!: ByteStream;
  readonly heard: string[] = [];
  /** Everything read. */
  received = "";
  onData: (text: string) => void = () => {};
  private readonly agenda: Agenda;

  constructor(agenda: Agenda) {
    this.agenda = agenda;
  }

  say(text: string): boolean {
    return this.stream.write(Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
  }

  note(what: string): void {
    this.heard.push(`${this.agenda.now / 1_000} ${what}`);
  }

  /** What was heard since the last call. */
  news(): string[] {
    return this.heard.splice(0);
  }

  opened(): void {
    this.note("opened");
  }

  data(bytes: Uint8Array): void {
    const text = String.fromCharCode(...bytes);
    this.received += text;
    this.note(`data ${text.length > 20 ? `(${text.length})` : text}`);
    this.onData(text);
  }

  ended(): void {
    this.note("ended");
  }

  drained(): void {
    this.note("drained");
  }

  closed(cause: CloseCause): void {
    this.note(`closed ${cause}`);
  }
}
