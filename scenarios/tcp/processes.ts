import { msToMicros, type Micros } from "../../core/time.ts";
import type { Host } from "../../core/host.ts";
import type { FaultProcess } from "../../sim/faults/process.ts";
import type { ProcessState } from "../../sim/process.ts";
import { GatedHost, type Surroundings } from "./gated-host.ts";
import type { NsqdProcess } from "./nsqd-process.ts";

/** Records what becomes of a process. */
type OnState = (process: string, state: ProcessState) => void;

/** What runs on a gated host. */
interface App {
  stop(done: () => void): void;
}

/** A producer, consumer or operator: a program in this very process, behind a gate. */
export class AppProcess implements FaultProcess {
  readonly name: string;
  readonly restartsAtHeal = false;
  private readonly clockOffset: Micros;
  private readonly inner: Host;
  private readonly surroundings: Surroundings;
  private readonly launch: (host: GatedHost, restarted: boolean) => App;
  private readonly onState: OnState;
  private host: GatedHost | null = null;
  private app: App | null = null;
  private incarnations = 0;

  constructor(
    name: string,
    clockOffsetMs: number,
    inner: Host,
    surroundings: Surroundings,
    launch: (host: GatedHost, restarted: boolean) => App,
    onState: OnState,
  ) {
    this.name = name;
    this.clockOffset = msToMicros(clockOffsetMs);
    this.inner = inner;
    this.surroundings = surroundings;
    this.launch = launch;
    this.onState = onState;
  }

  get running(): boolean {
    return this.host !== null;
  }

  start(): void {
    if (this.host !== null) return;
    const host = new GatedHost(this.inner, this.name, this.incarnations, this.clockOffset, this.surroundings);
    this.host = host;
    this.incarnations += 1;
    this.onState(this.name, "start");
    this.app = this.launch(host, this.incarnations > 1);
  }

  kill(): boolean {
    if (this.host === null) return false;
    this.onState(this.name, "kill");
    this.end(this.host);
    return true;
  }

  stop(stopped: () => void): (() => boolean) | null {
    const { host, app } = this;
    if (host === null || app === null) return null;
    this.onState(this.name, "stop");
    host.enter(() =>
      app.stop(() => {
        if (this.host !== host) return;
        this.onState(this.name, "stopped");
        this.end(host);
        stopped();
      }),
    );
    return () => this.host === host && this.kill();
  }

  freeze(begin: "pause" | "block", end: "resume" | "unblock"): (() => void) | null {
    const { host } = this;
    if (host === null) return null;
    this.onState(this.name, begin);
    host.freeze();
    return () => {
      if (this.host !== host) return;
      this.onState(this.name, end);
      host.thaw();
    };
  }

  private end(host: GatedHost): void {
    host.kill();
    this.host = null;
    this.app = null;
  }
}

/** Our nsqd in a child process. Its starts take time; a start that fails is told to `onFailure`. */
export class BrokerProcess implements FaultProcess {
  readonly name: string;
  readonly restartsAtHeal = true;
  private readonly nsqd: NsqdProcess;
  private readonly onState: OnState;
  private readonly onFailure: (error: Error) => void;
  private up = true;

  constructor(nsqd: NsqdProcess, onState: OnState, onFailure: (error: Error) => void) {
    this.name = nsqd.name;
    this.nsqd = nsqd;
    this.onState = onState;
    this.onFailure = onFailure;
  }

  get running(): boolean {
    return this.up;
  }

  start(): void {
    if (this.up) return;
    this.up = true;
    this.onState(this.name, "start");
    this.nsqd.start().catch((error: unknown) => this.onFailure(error as Error));
  }

  kill(): boolean {
    if (!this.up) return false;
    this.up = false;
    this.onState(this.name, "kill");
    this.nsqd.kill();
    return true;
  }

  stop(stopped: () => void): (() => boolean) | null {
    if (!this.up) return null;
    this.onState(this.name, "stop");
    let over = false;
    this.nsqd
      .stop()
      .then(() => {
        if (over) return;
        over = true;
        this.up = false;
        this.onState(this.name, "stopped");
        stopped();
      })
      .catch((error: unknown) => this.onFailure(error as Error));
    return () => {
      if (over) return false;
      over = true;
      return this.kill();
    };
  }

  freeze(begin: "pause" | "block", end: "resume" | "unblock"): (() => void) | null {
    if (!this.up) return null;
    this.onState(this.name, begin);
    this.nsqd.pause();
    return () => {
      this.onState(this.name, end);
      this.nsqd.resume();
    };
  }
}
