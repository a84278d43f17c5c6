import { DEFAULT_CLIENT_CONFIG } from "../../core/client/config.ts";
import type { ProducerObserver, PublishOutcome } from "../../core/client/observer.ts";
import { Producer } from "../../core/client/producer.ts";
import type { Host, Timer } from "../../core/host.ts";
import { msToMicros, type Micros } from "../../core/time.ts";
import { KIND } from "../history.ts";
import type { ProducerSpec, WorkloadSpec } from "../scenario/types.ts";
import { emptyBody, numberBody } from "./body.ts";
import { Keys } from "./keys.ts";
import { Rows, type Recorder } from "./recorder.ts";

// Looked up once: these are written for every message.
const {
  publish: PUBLISH,
  "publish-ok": PUBLISH_OK,
  "publish-unknown": PUBLISH_UNKNOWN,
  "publish-error": PUBLISH_ERROR,
  connect: CONNECT,
  close: CLOSE,
  "connect-failed": CONNECT_FAILED,
} = KIND;

const DEFAULT_BODY_BYTES = 64;

export interface ProducerEnvironment {
  readonly recorder: Recorder;
  /** TCP address of an nsqd of the scenario. */
  address(nsqd: string): string;
  /** A new incarnation goes on with the publishes that are still ahead. */
  readonly restarted: boolean;
}

/** A connection to one nsqd, and what its rows have in common. */
interface Outlet {
  readonly producer: Producer;
  readonly peer: number;
  /** Number of the newest connection, or -1. */
  conn: number;
}

/** Publishes the workload of a {@link ProducerSpec} and records what becomes of each message. */
export class ProducerApp {
  private readonly host: Host;
  private readonly spec: ProducerSpec;
  private readonly recorder: Recorder;
  private readonly rows: Rows;
  private readonly outlets: Outlet[];
  private readonly bodies = new Map<number, Uint8Array>();
  private readonly keys = new Keys();
  private readonly workloads: Workload[];
  private turn = 0;
  /** Publishes without an outcome, and retries that wait. */
  private open = 0;
  private retries = true;
  private stopped: (() => void) | null = null;

  constructor(host: Host, spec: ProducerSpec, environment: ProducerEnvironment) {
    this.host = host;
    this.spec = spec;
    this.recorder = environment.recorder;
    this.rows = new Rows(environment.recorder, spec.name);
    this.outlets = spec.nsqd.map((nsqd) => this.outlet(nsqd, environment.address(nsqd)));
    this.workloads = spec.workload.map((workload) => new Workload(host, workload, this, environment));
    for (const workload of this.workloads) workload.next();
  }

  /** Nothing is under way and nothing more is planned. */
  get idle(): boolean {
    return this.open === 0 && this.workloads.every((workload) => workload.over);
  }

  /** Publishes nothing new; retries go on. */
  endWorkload(): void {
    for (const workload of this.workloads) workload.end();
  }

  stop(done: () => void): void {
    this.endWorkload();
    this.retries = false;
    this.stopped = done;
    if (this.open === 0) this.finishStop();
  }

  /** Publishes one message, or a batch as one MPUB. */
  publish(workload: WorkloadSpec, place: number, count: number): void {
    const outlet = this.nextOutlet();
    const delay = msToMicros(workload.delayMs ?? 0);
    const first = this.recorder.messages + 1;
    const text = (workload.batch ?? 1) > 1 ? "MPUB" : workload.delayMs === undefined ? "PUB" : "DPUB";
    for (let index = 0; index < count; index += 1) {
      const number = this.recorder.nextMessage();
      this.rows.add(PUBLISH, outlet.peer, place, number, outlet.conn, delay, -1, text);
      if (workload.keys !== undefined) this.keys.add(workload.topic, workload.keys, number);
    }
    this.open += 1;
    const done = (outcome: PublishOutcome): void => {
      for (let number = first; number < first + count; number += 1) {
        if (outcome.kind === "ok") this.accepted(outlet, place, number);
        else this.failed(outlet, place, number, outcome, { workload, original: number, attempts: 0 });
      }
      this.closeOne();
    };
    if (text === "MPUB") {
      const bodies: Uint8Array[] = [];
      for (let number = first; number < first + count; number += 1) bodies.push(this.body(workload, number).slice());
      outlet.producer.multiPublish(workload.topic, bodies, done);
    } else if (text === "DPUB") {
      outlet.producer.deferredPublish(workload.topic, delay, this.body(workload, first), done);
    } else {
      outlet.producer.publish(workload.topic, this.body(workload, first), done);
    }
  }

  private retry(place: number, retry: Retry): void {
    const { workload, original } = retry;
    const outlet = this.nextOutlet();
    const delay = msToMicros(workload.delayMs ?? 0);
    const deferred = workload.delayMs !== undefined;
    const number = this.recorder.nextMessage();
    const text = deferred ? "DPUB" : "PUB";
    this.rows.add(PUBLISH, outlet.peer, place, number, outlet.conn, delay, original, text);
    const done = (outcome: PublishOutcome): void => {
      if (outcome.kind === "ok") this.accepted(outlet, place, number);
      else this.failed(outlet, place, number, outcome, retry);
      this.closeOne();
    };
    const body = this.body(workload, number, original);
    if (deferred) outlet.producer.deferredPublish(workload.topic, delay, body, done);
    else outlet.producer.publish(workload.topic, body, done);
  }

  private accepted(outlet: Outlet, place: number, number: number): void {
    this.rows.add(PUBLISH_OK, outlet.peer, place, number, outlet.conn, 0);
  }

  private failed(outlet: Outlet, place: number, number: number, outcome: PublishFailure, retry: Retry): void {
    const { peer, conn } = outlet;
    switch (outcome.kind) {
      case "unknown":
        this.rows.add(PUBLISH_UNKNOWN, peer, place, number, conn, 0, 0, outcome.reason);
        this.planRetry(place, this.spec.retry?.onUnknown === true, retry);
        return;
      case "error":
        this.rows.add(PUBLISH_ERROR, peer, place, number, conn, 0, 0, outcome.error);
        this.planRetry(place, this.spec.retry?.onError === true, retry);
        return;
      case "not-sent":
        this.rows.add(PUBLISH_ERROR, peer, place, number, conn, 0, 0, `not sent: ${outcome.reason}`);
        this.planRetry(place, this.spec.retry?.onError === true, retry);
    }
  }

  private planRetry(place: number, wanted: boolean, retry: Retry): void {
    const { retry: spec } = this.spec;
    if (!wanted || spec === undefined || !this.retries || retry.attempts >= spec.limit) return;
    this.open += 1;
    const next = { ...retry, attempts: retry.attempts + 1 };
    this.host.timer(this.host.now() + msToMicros(spec.delayMs), () => {
      if (this.retries) this.retry(place, next);
      else this.closeOne();
    });
  }

  private closeOne(): void {
    this.open -= 1;
    if (this.open === 0 && this.stopped !== null) this.finishStop();
  }

  private finishStop(): void {
    for (const { producer } of this.outlets) producer.stop();
    const done = this.stopped!;
    this.stopped = null;
    this.host.endOfStep(done);
  }

  private nextOutlet(): Outlet {
    const outlet = this.outlets[this.turn]!;
    this.turn = (this.turn + 1) % this.outlets.length;
    return outlet;
  }

  /** The producer copies bodies at once: one buffer per size serves all. */
  private body(workload: WorkloadSpec, number: number, business = number): Uint8Array {
    const size = workload.bodyBytes ?? DEFAULT_BODY_BYTES;
    let body = this.bodies.get(size);
    if (body === undefined) {
      body = emptyBody(size);
      this.bodies.set(size, body);
    }
    numberBody(body, number, business, this.keys.beforeOf(business));
    return body;
  }

  private outlet(nsqd: string, address: string): Outlet {
    const peer = this.recorder.intern(nsqd);
    const observer: ProducerObserver = {
      connected: (conn) => {
        outlet.conn = conn;
        this.rows.add(CONNECT, peer, 0, -1, conn, 0);
      },
      closed: (conn, cause) => this.rows.add(CLOSE, peer, 0, -1, conn, 0, 0, cause),
      connectFailed: (cause) => this.rows.add(CONNECT_FAILED, peer, 0, -1, -1, 0, 0, cause),
    };
    const outlet: Outlet = {
      producer: new Producer(this.host, address, DEFAULT_CLIENT_CONFIG, observer),
      peer,
      conn: -1,
    };
    return outlet;
  }
}

type PublishFailure = Exclude<PublishOutcome, { kind: "ok" }>;

interface Retry {
  readonly workload: WorkloadSpec;
  /** The message that was published first. */
  readonly original: number;
  readonly attempts: number;
}

/** The schedule of one {@link WorkloadSpec}. */
class Workload {
  over = false;
  private readonly host: Host;
  private readonly spec: WorkloadSpec;
  private readonly app: ProducerApp;
  private readonly place: number;
  private readonly start: Micros;
  private readonly skipPast: boolean;
  private readonly fire = (): void => this.tick();
  private timer: Timer | null = null;
  private published = 0;
  private ticks = 0;

  constructor(host: Host, spec: WorkloadSpec, app: ProducerApp, environment: ProducerEnvironment) {
    this.host = host;
    this.spec = spec;
    this.app = app;
    this.place = environment.recorder.intern(spec.topic);
    this.start = environment.recorder.start + msToMicros(spec.startMs ?? 0);
    this.skipPast = environment.restarted;
  }

  /** Plans the next publish. */
  next(): void {
    const { spec } = this;
    let at = this.start + msToMicros(this.ticks * spec.everyMs);
    while (this.skipPast && at < this.host.now() && this.published < spec.count) {
      this.published += spec.batch ?? 1;
      this.ticks += 1;
      at = this.start + msToMicros(this.ticks * spec.everyMs);
    }
    if (this.published >= spec.count) this.over = true;
    else this.timer = this.host.timer(at, this.fire);
  }

  end(): void {
    this.over = true;
    this.timer?.cancel();
  }

  private tick(): void {
    const { spec } = this;
    do {
      const count = Math.min(spec.batch ?? 1, spec.count - this.published);
      this.published += count;
      this.ticks += 1;
      this.app.publish(spec, this.place, count);
    } while (spec.everyMs === 0 && this.published < spec.count);
    this.next();
  }
}
