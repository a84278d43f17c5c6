import { HostError, type Host } from "../../core/host.ts";
import { msToMicros } from "../../core/time.ts";
import { KIND } from "../history.ts";
import type { OperationSpec } from "../scenario/types.ts";
import { Rows, type Recorder } from "./recorder.ts";

// Looked up once: these are written for every message.
const { operate: OPERATE } = KIND;

/** Name of the process that sends an operator's commands. */
export const OPERATOR = "operator";

export interface OperatorEnvironment {
  readonly recorder: Recorder;
  /** HTTP address of an nsqd of the scenario. */
  httpAddress(nsqd: string): string;
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
    const { topic, channel } = operation;
    const { recorder } = this.environment;
    const peer = recorder.intern(operation.nsqd);
    const place = recorder.intern(channel === undefined ? topic : `${topic}/${channel}`);
    const record = (status: number): void =>
      this.rows.add(this.host.now(), OPERATE, peer, place, -1, -1, status, 0, operation.do);
    const query = `topic=${encodeURIComponent(topic)}`;
    const target =
      channel === undefined
        ? `/topic/${operation.do}?${query}`
        : `/channel/${operation.do}?${query}&channel=${encodeURIComponent(channel)}`;
    record(0);
    const request = { method: "POST", target, body: new Uint8Array(0) };
    this.host.requestHttp(this.environment.httpAddress(operation.nsqd), request, (result) => {
      this.waiting -= 1;
      if (!(result instanceof HostError)) record(result.status);
    });
  }
}
