import { Broker } from "../../../core/nsqd/broker.ts";
import { DEFAULT_OPTIONS, type NsqdOptions } from "../../../core/nsqd/options.ts";
import type { ProbeKind } from "../../../core/nsqd/probe.ts";
import type { ChannelStats, TopicStats } from "../../../core/nsqd/stats.ts";
import { FaultyFiles } from "../storage/faulty-files.ts";
import { type FakeClient, FakeHost } from "./fake-host.ts";

/** A broker on a host that is turned by hand. */
export class Rig {
  readonly host: FakeHost;
  readonly broker: Broker;
  /** `kind channel value text` of each probe event. */
  readonly seen: string[] = [];
  private readonly given: Partial<NsqdOptions>;

  constructor(options: Partial<NsqdOptions> = {}, probed = false, files = new FaultyFiles()) {
    this.host = new FakeHost(files);
    this.given = options;
    const event = (
      kind: ProbeKind,
      _: string,
      channel: string,
      _bytes: Uint8Array,
      _start: number,
      _end: number,
      value: number,
      text: string,
    ): void => {
      this.seen.push(`${kind} ${channel} ${value} ${text}`.trim());
    };
    this.broker = new Broker(this.host, { ...DEFAULT_OPTIONS, nodeId: 5, ...options }, probed ? { event } : null);
  }

  /** A client that has sent the magic and `text`. */
  client(text = ""): FakeClient {
    const client = this.host.client((stream) => this.broker.accept(stream));
    return client.send(`  V2${text}`);
  }

  /** A client subscribed to t/c, with that RDY; nothing of what it was answered is left to read. */
  consumer(ready: number, place = "t c"): FakeClient {
    const client = this.client(`SUB ${place}\nRDY ${ready}\n`);
    client.frames();
    return client;
  }

  /** Another broker over the same files: after a clean stop, or as after kill -9. It has the topic t with its channels. */
  restarted(how: "stop" | "kill", channels: readonly string[] = [], options: Partial<NsqdOptions> = {}): Rig {
    let isStopped = false;
    if (how === "stop") {
      this.do((broker) =>
        broker.stop(() => {
          isStopped = true;
        }),
      );
      this.host.files.complete();
      if (!isStopped) throw new Error("stop() did not end");
    }
    const next = new Rig({ ...this.given, ...options }, false, this.host.files.restarted());
    next.do((broker) => {
      const topic = broker.createTopic("t", true);
      for (const channel of channels) topic.createChannel(channel);
      topic.start();
    });
    return next;
  }

  /** Calls into the broker, as a step. */
  do<T>(call: (broker: Broker) => T): T {
    return this.host.step(() => call(this.broker));
  }

  topic(name = "t"): TopicStats {
    const found = this.broker.stats({ topic: name }).topics?.[0];
    if (found === undefined) throw new Error(`no topic ${name}`);
    return found;
  }

  channel(name = "c", topic = "t"): ChannelStats {
    const found = this.topic(topic).channels.find(({ channel_name }) => channel_name === name);
    if (found === undefined) throw new Error(`no channel ${name}`);
    return found;
  }
}
