import type { EventKind, History, HistoryEvent } from "../../sim/history.ts";
import { Channels } from "./channels.ts";

/** How the file begins: what its reader must know. */
const PREAMBLE = [
  ";; A history of nsqlab as Jepsen operations, one map per line; :time is nanoseconds since the start of the run.",
  ";; Values are [channel message], as jepsen.independent has them: every channel of a topic is a queue of its own, and",
  ";; a publish is an :enqueue into each of them. Judge each channel by checker/total-queue.",
  ";; :enqueue  :ok the broker answered OK, :fail it answered an error, :info nobody knows",
  ";;           (also where the channel may have been created after the publish, and owes it nothing)",
  ";; :dequeue  invoked when a message reaches its consumer; :ok its FIN was sent, :fail it was requeued, :info no answer",
  ";; :process  a client has as many as it has operations under way; one that ended in :info is not used again.",
];

type Outcome = "ok" | "fail" | "info";

/** An operation under way. */
interface Operation {
  readonly process: number;
  readonly client: string;
  readonly nsqd: string;
  readonly f: "enqueue" | "dequeue";
  readonly channel: string;
  readonly msg: number;
  /** For a publish into a channel that may not have existed. */
  readonly isUncertain: boolean;
}

/**
 * A history as the operations of a queue test of Jepsen, in EDN. Faults and processes are operations of the :nemesis.
 * Rows of the broker's inside are left out: everything here was seen by clients.
 */
export function exportJepsen(history: History): string {
  const writer = new JepsenWriter(history);
  for (const event of history.events()) writer.take(event);
  return writer.finish();
}

class JepsenWriter {
  private readonly lines = [...PREAMBLE];
  private readonly channels: Channels;
  private index = 0;
  private time = 0;
  private processes = 0;
  /** Processes without an operation, by client. */
  private readonly idle = new Map<string, number[]>();
  private readonly publishes = new Map<number, Operation[]>();
  /** By consumer, channel, connection and message: a consumer may have a message twice. */
  private readonly deliveries = new Map<string, Operation>();

  private readonly takers: Readonly<Partial<Record<EventKind, (event: HistoryEvent) => void>>> = {
    publish: (event) => this.publish(event),
    "publish-ok": (event) => this.published(event, "ok"),
    "publish-error": (event) => this.published(event, "fail"),
    "publish-unknown": (event) => this.published(event, "info"),
    deliver: (event) => this.deliver(event),
    finish: (event) => this.answered(event, "ok"),
    "give-up": (event) => this.answered(event, "ok"),
    requeue: (event) => this.answered(event, "fail"),
    process: ({ text, process }) => this.nemesis(text, process),
    fault: ({ detail, text }) => this.nemesis(detail === 1 ? "fault-begins" : "fault-ends", text),
  };

  constructor(history: History) {
    this.channels = new Channels(history);
  }

  take(event: HistoryEvent): void {
    this.time = event.atUs;
    this.takers[event.kind]?.(event);
  }

  finish(): string {
    for (const operations of this.publishes.values())
      for (const operation of operations) this.complete(operation, "info", "the run ended");
    for (const operation of this.deliveries.values()) this.complete(operation, "info", "never answered");
    return `${this.lines.join("\n")}\n`;
  }

  private publish({ seq, process, peer, place, msg }: HistoryEvent): void {
    const operations = this.channels.of(peer, place).map((channel) =>
      this.begin({
        client: process,
        nsqd: peer,
        f: "enqueue",
        channel,
        msg,
        isUncertain: !this.channels.isOwed(peer, channel, seq),
      }),
    );
    this.publishes.set(msg, operations);
  }

  private published({ msg, text }: HistoryEvent, outcome: Outcome): void {
    for (const operation of this.publishes.get(msg) ?? [])
      this.complete(operation, outcome === "ok" && operation.isUncertain ? "info" : outcome, text);
    this.publishes.delete(msg);
  }

  private deliver(event: HistoryEvent): void {
    const key = deliveryKey(event);
    const earlier = this.deliveries.get(key);
    if (earlier !== undefined) this.complete(earlier, "info", "delivered again");
    const { process, peer, place, msg } = event;
    const operation = { client: process, nsqd: peer, f: "dequeue", channel: place, msg, isUncertain: false } as const;
    this.deliveries.set(key, this.begin(operation));
  }

  private answered(event: HistoryEvent, outcome: Outcome): void {
    const key = deliveryKey(event);
    const operation = this.deliveries.get(key);
    // A second answer, such as a give-up and its FIN.
    if (operation === undefined) return;
    this.deliveries.delete(key);
    this.complete(operation, outcome, event.kind === "give-up" ? "given up" : event.text);
  }

  private begin(what: Omit<Operation, "process">): Operation {
    const { client, channel, msg, f } = what;
    const process = this.idle.get(client)?.pop() ?? this.processes++;
    const operation: Operation = { ...what, process };
    this.write(operation, "invoke", f === "enqueue" ? `[${quote(channel)} ${msg}]` : `[${quote(channel)} nil]`, "");
    return operation;
  }

  private complete(operation: Operation, outcome: Outcome, error: string): void {
    const { client, channel, msg, process } = operation;
    if (outcome !== "info") this.idle.set(client, [...(this.idle.get(client) ?? []), process]);
    this.write(operation, outcome, `[${quote(channel)} ${msg}]`, outcome === "ok" ? "" : error);
  }

  private write({ process, client, nsqd, f }: Operation, type: string, value: string, error: string): void {
    const more = error === "" ? "" : `, :error ${quote(error)}`;
    this.line(
      `:process ${process}, :type :${type}, :f :${f}, :value ${value}, :client ${quote(client)}, :node ${quote(nsqd)}${more}`,
    );
  }

  private nemesis(f: string, value: string): void {
    this.line(`:process :nemesis, :type :info, :f :${f}, :value ${quote(value)}`);
  }

  private line(rest: string): void {
    this.lines.push(`{:index ${this.index}, :time ${Math.round(this.time * 1_000)}, ${rest}}`);
    this.index += 1;
  }
}

function deliveryKey({ process, place, conn, msg }: HistoryEvent): string {
  return `${process} ${place} ${conn} ${msg}`;
}

/** A string of EDN. JSON's escapes are among its own, but for those of other control characters. */
function quote(text: string): string {
  return JSON.stringify(text).replaceAll(/\\[bf]/g, (escape) => (escape === "\\b" ? "\\u0008" : "\\u000c"));
}
