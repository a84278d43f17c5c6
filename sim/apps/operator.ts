import { unreachable } from "../../core/assert.ts";
import { HostError, type Host } from "../../core/host.ts";
import { bytesOf, utf8 } from "../../core/protocol/text.ts";
import { msToMicros } from "../../core/time.ts";
import { KIND } from "../history.ts";
import type { ConfigOperation, OperationSpec } from "../scenario/operation.ts";
import { Rows, type Recorder } from "./recorder.ts";

// Looked up once: these are written for every message.
const { operate: OPERATE } = KIND;

/** Name of the process that sends an operator's commands. */
export const OPERATOR = "operator";

export interface OperatorEnvironment {
  readonly recorder: Recorder;
  /** HTTP address of a daemon of the scenario. */
  httpAddress(daemon: string): string;
  /** TCP address of an nsqlookupd of the scenario. */
  tcpAddress(lookupd: string): string;
  /** `broadcast_address:http_port`: how nsqlookupds call an nsqd. */
  nodeName(nsqd: string): string;
}

/** Sends the operations of a scenario over HTTP, each at its time, and records the answers. */
export class OperatorApp {
  private readonly host: Host;
  private readonly environment: OperatorEnvironment;
  private readonly rows: Rows;
  private waiting: number;

  constructor(host: Host, operations: readonly OperationSpec[], environment: OperatorEnvironment) {
    this.host = host;
    this.environment = environment;
    this.rows = new Rows(environment.recorder, OPERATOR);
    this.waiting = operations.length;
    for (const operation of operations)
      host.timer(environment.recorder.start + msToMicros(operation.atMs), () => this.send(operation));
  }

  /** Every operation was answered, or failed. */
  get idle(): boolean {
    return this.waiting === 0;
  }

  stop(done: () => void): void {
    this.host.endOfStep(done);
  }

  private send(operation: OperationSpec): void {
    const { recorder } = this.environment;
    const daemon = "lookupd" in operation ? operation.lookupd : operation.nsqd;
    const { method, target, body, text } = this.request(operation);
    const peer = recorder.intern(daemon);
    const place = recorder.intern(placeOf(operation));
    const record = (status: number): void => this.rows.add(OPERATE, peer, place, -1, -1, status, 0, text);
    record(0);
    this.host.requestHttp(
      this.environment.httpAddress(daemon),
      { method, target, body: bytesOf(utf8(body)) },
      (result) => {
        this.waiting -= 1;
        if (!(result instanceof HostError)) record(result.status);
      },
    );
  }

  /** What is sent, and what the history calls it. */
  private request(operation: OperationSpec): Request {
    const { do: verb } = operation;
    switch (verb) {
      case "config":
        return this.configure(operation);
      case "tombstone": {
        const { nsqd, topic } = operation;
        const node = encodeURIComponent(this.environment.nodeName(nsqd));
        return post(`/topic/tombstone?${topicQuery(topic)}&node=${node}`, `tombstone ${nsqd}`);
      }
      case "create":
      case "delete":
      case "empty":
      case "pause":
      case "unpause": {
        const { topic, channel } = operation;
        if (channel === undefined) return post(`/topic/${verb}?${topicQuery(topic)}`, verb);
        return post(`/channel/${verb}?${topicQuery(topic)}&channel=${encodeURIComponent(channel)}`, verb);
      }
      default:
        return unreachable(verb);
    }
  }

  private configure({ set }: ConfigOperation): Request {
    if ("logLevel" in set) {
      const { logLevel } = set;
      return { method: "PUT", target: "/config/log_level", body: logLevel, text: `config log_level ${logLevel}` };
    }
    const target = "/config/nsqlookupd_tcp_addresses";
    const body = JSON.stringify(set.lookupd.map((name) => this.environment.tcpAddress(name)));
    return { method: "PUT", target, body, text: ["config lookupd", ...set.lookupd].join(" ") };
  }
}

interface Request {
  readonly method: "POST" | "PUT";
  readonly target: string;
  readonly body: string;
  readonly text: string;
}

function post(target: string, text: string): Request {
  return { method: "POST", target, body: "", text };
}

function topicQuery(topic: string): string {
  return `topic=${encodeURIComponent(topic)}`;
}

function placeOf(operation: OperationSpec): string {
  if (!("topic" in operation)) return "";
  return "channel" in operation && operation.channel !== undefined
    ? `${operation.topic}/${operation.channel}`
    : operation.topic;
}
