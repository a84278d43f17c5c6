import { assert, AssertionError } from "../../core/assert.ts";
import type { Host } from "../../core/host.ts";
import { randomStream } from "../../core/random.ts";
import { msToMicros, SECOND, type Micros } from "../../core/time.ts";
import { createNodeHost } from "../../core/node/host.ts";
import type { NsqdStats } from "../../core/nsqd/stats.ts";
import { ConsumerApp } from "../../sim/apps/consumer.ts";
import { OPERATOR, OperatorApp } from "../../sim/apps/operator.ts";
import { ProducerApp } from "../../sim/apps/producer.ts";
import { Recorder } from "../../sim/apps/recorder.ts";
import { Faults } from "../../sim/faults/index.ts";
import { linkFaults } from "../../sim/faults/link.ts";
import { processFaults } from "../../sim/faults/process.ts";
import { heldMessages, sampleGauges, samplePeriod, type GaugeSource } from "../../sim/gauges.ts";
import { type EventKind, History } from "../../sim/history.ts";
import { keysOf } from "../../sim/scenario/claims.ts";
import type { Scenario } from "../../sim/scenario/types.ts";
import { RealAgenda } from "./agenda.ts";
import { clientsOf } from "./clients.ts";
import type { GatedHost, Surroundings } from "./gated-host.ts";
import { RealLink } from "./link.ts";
import { AppProcess, BrokerProcess } from "./processes.ts";
import type { Endpoint, NsqdProcess } from "./nsqd-process.ts";
import { fetchStats, visitGauges } from "./stats.ts";
import { WIRE_EVENTS } from "./supported.ts";
import { topicsOf } from "./topics.ts";

/** Programs name an nsqd; their host knows where it is. */
const address = (nsqd: string): string => nsqd;

/** nsqds answer /stats between their other work: not more often than this. */
const MIN_SAMPLE_PERIOD: Micros = SECOND / 5;
const REST_POLL: Micros = SECOND / 10;

/** An nsqd of the world: where it listens, and the process when it is ours. */
export interface Broker {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly process: NsqdProcess | null;
}

/**
 * A scenario under way in real time: the workload programs run in this process, each behind its own gate, the nsqds in
 * theirs, with a proxy on every link. The phases are those of the simulator.
 */
export class RealWorld {
  readonly history = new History();
  readonly recorder: Recorder;
  readonly agenda: RealAgenda;
  readonly faults: Faults;
  /** Resolves when the run is over; rejects when the world itself breaks. */
  readonly ended: Promise<void>;

  private readonly scenario: Scenario;
  private readonly brokers: ReadonlyMap<string, Broker>;
  private readonly topics: ReadonlySet<string>;
  private readonly inner: Host;
  private readonly links = new Map<string, RealLink>();
  private readonly processes = new Map<string, AppProcess | BrokerProcess>();
  private readonly producers = new Map<string, ProducerApp>();
  private readonly consumers = new Map<string, ConsumerApp>();
  private readonly stats = new Map<string, { readonly numbers: NsqdStats | null; readonly askedAt: Micros }>();
  private operator: OperatorApp | null = null;
  private healedAt: Micros = 0;
  private restingPolls = 0;
  private sampling = false;
  private finish!: () => void;
  private fail!: (error: Error) => void;

  /** `links` must be listening; see {@link createLinks}. */
  constructor(scenario: Scenario, brokers: readonly Broker[]) {
    this.scenario = scenario;
    this.brokers = new Map(brokers.map((broker) => [broker.name, broker]));
    this.topics = topicsOf(scenario);
    this.inner = createNodeHost({ name: "nsqlab", seed: scenario.seed, log: () => undefined });
    this.agenda = new RealAgenda(this.inner);
    this.recorder = new Recorder(this.history, this.agenda, this.inner.now());
    this.ended = new Promise((resolve, reject) => {
      this.finish = resolve;
      this.fail = reject;
    });
    this.phase("run");
    for (const broker of brokers) this.addBroker(broker);
    for (const { name, nsqds } of clientsOf(scenario))
      for (const nsqd of nsqds) this.addLink(name, this.brokers.get(nsqd)!);
    for (const { process } of brokers) if (process !== null) this.state(process.name, "start");
    const { agenda } = this;
    const network = { link: (first: string, second: string) => this.linkBetween(first, second) };
    const process = (name: string): AppProcess | BrokerProcess => this.processes.get(name)!;
    const families = { ...processFaults({ agenda, process }), ...linkFaults({ network }) };
    this.faults = new Faults(scenario.faults ?? [], families, agenda, this.history);
  }

  /** Starts the proxies, then the programs. */
  async start(): Promise<void> {
    await Promise.all([...this.links.values()].map((link) => link.listen()));
    this.addPrograms();
    const end = msToMicros(this.scenario.durationMs);
    this.agenda.add(end, { due: () => this.heal() });
    this.sampleEvery(Math.max(MIN_SAMPLE_PERIOD, samplePeriod(end)));
  }

  /** Lets go of everything: programs, proxies, plans. */
  close(): void {
    this.agenda.stop();
    for (const process of this.processes.values()) if (process instanceof AppProcess) process.kill();
    for (const link of this.links.values()) link.close();
  }

  private phase(text: "run" | "heal" | "end"): void {
    this.history.record({ atUs: this.agenda.now, kind: "phase", text });
  }

  private readonly state = (process: string, text: string): void => {
    if (text === "kill" || text === "stopped") {
      this.producers.delete(process);
      this.consumers.delete(process);
    }
    this.history.record({ atUs: this.agenda.now, kind: "process", process, text });
  };

  private addBroker({ name, process }: Broker): void {
    if (process === null) return;
    this.processes.set(name, new BrokerProcess(process, this.state, (error) => this.fail(error)));
  }

  private addLink(client: string, broker: Broker): void {
    const { scenario, agenda, history } = this;
    const wanted = wireTriggers(scenario, broker.name);
    const isProducer = scenario.producers.some((producer) => producer.name === client);
    const link = new RealLink({
      client,
      nsqdAddress: () => ({ host: broker.endpoint.host, port: broker.endpoint.tcpPort }),
      random: randomStream(scenario.seed, `${client}-${broker.name}`),
      onUnit: (way, unit) => {
        for (const kind of wanted) {
          const { way: wantedWay, units } = WIRE_EVENTS[kind]!;
          // A consumer's OK answers its SUB.
          if (way !== wantedWay || unit !== units || (units === "OK" && !isProducer)) continue;
          history.record({ atUs: agenda.now, kind, process: broker.name, peer: client, text: "seen on the wire" });
          agenda.runAtOnce();
        }
      },
    });
    this.links.set(linkKey(client, broker.name), link);
  }

  private linkBetween(first: string, second: string): RealLink {
    const link = this.links.get(linkKey(first, second)) ?? this.links.get(linkKey(second, first));
    assert(link !== undefined, `no link between ${first} and ${second}`);
    return link;
  }

  private addPrograms(): void {
    const { scenario, recorder } = this;
    for (const spec of scenario.producers) {
      this.addApp(spec.name, spec.clockOffsetMs ?? 0, 0, (host, restarted) => {
        const app = new ProducerApp(host, spec, { recorder, address, restarted });
        this.producers.set(spec.name, app);
        return app;
      });
    }
    for (const spec of scenario.consumers) {
      this.addApp(spec.name, spec.clockOffsetMs ?? 0, spec.startMs ?? 0, (host) => {
        const block = (duration: Micros, then: () => void): void => {
          this.state(spec.name, "block");
          host.block(duration, () => {
            this.state(spec.name, "unblock");
            then();
          });
        };
        const app = new ConsumerApp(host, spec, {
          recorder,
          address,
          // There is no nsqlookupd and no store: see refuseUnsupported.
          lookupAddress: address,
          storeAddress: address,
          keys: keysOf(scenario, spec.topic),
          block,
          handler: refuseFunction,
        });
        this.consumers.set(spec.name, app);
        return app;
      });
    }
    const { operations } = scenario;
    if (operations === undefined || operations.length === 0) return;
    this.addApp(OPERATOR, 0, 0, (host) => {
      this.operator = new OperatorApp(host, operations, {
        recorder,
        httpAddress: address,
        tcpAddress: address,
        nodeName: address,
      });
      return this.operator;
    });
  }

  private addApp(
    name: string,
    clockOffsetMs: number,
    startMs: number,
    launch: (host: GatedHost, restarted: boolean) => ProducerApp | ConsumerApp | OperatorApp,
  ): void {
    const surroundings: Surroundings = {
      seed: this.scenario.seed,
      link: (nsqd) => this.linkBetween(name, nsqd),
      httpAddress: (nsqd) => this.brokers.get(nsqd)!.endpoint.httpAddress,
    };
    const process = new AppProcess(name, clockOffsetMs, this.inner, surroundings, launch, this.state);
    this.processes.set(name, process);
    if (startMs === 0) process.start();
    else this.agenda.add(msToMicros(startMs), { due: () => process.start() });
  }

  private heal(): void {
    this.healedAt = this.agenda.now;
    this.phase("heal");
    this.faults.heal();
    for (const app of this.producers.values()) app.endWorkload();
    this.pollRest();
  }

  private pollRest(): void {
    const limit = this.healedAt + msToMicros(this.scenario.recoveryMs);
    this.lookAround()
      .then(() => {
        this.restingPolls = this.isResting ? this.restingPolls + 1 : 0;
        if (this.restingPolls === 2 || this.agenda.now >= limit) this.end();
        else this.agenda.add(this.agenda.now + REST_POLL, { due: () => this.pollRest() });
      })
      .catch((error: unknown) => this.fail(error as Error));
  }

  private get isResting(): boolean {
    for (const app of this.producers.values()) if (!app.idle) return false;
    for (const app of this.consumers.values()) if (!app.idle) return false;
    if (this.operator !== null && !this.operator.idle) return false;
    for (const { numbers } of this.stats.values()) {
      if (numbers === null) return false;
      if (heldMessages({ gauges: (visit) => visitGauges(numbers, this.topics, visit) }) > 0) return false;
    }
    return true;
  }

  private end(): void {
    this.sample();
    this.phase("end");
    this.agenda.stop();
    this.finish();
  }

  /** Asks every nsqd for its numbers. */
  private async lookAround(): Promise<void> {
    await Promise.all(
      [...this.brokers.values()].map(async ({ name, endpoint }) => {
        const askedAt = this.agenda.now;
        this.stats.set(name, { numbers: await fetchStats(endpoint.httpAddress), askedAt });
      }),
    );
  }

  private sampleEvery(period: Micros): void {
    const due = (): void => {
      this.agenda.add(this.agenda.now - (this.agenda.now % period) + period, { due });
      if (this.sampling) return;
      this.sampling = true;
      this.lookAround()
        .then(() => {
          this.sampling = false;
          this.sample();
        })
        .catch((error: unknown) => this.fail(error as Error));
    };
    this.agenda.add(period, { due });
  }

  private sample(): void {
    const { now } = this.agenda;
    for (const [nsqd, { numbers, askedAt }] of this.stats) {
      if (numbers === null) continue;
      const source: GaugeSource = {
        nsqd,
        age: now - askedAt,
        gauges: (visit) => visitGauges(numbers, this.topics, visit),
        ready: (topic, channel) => this.readyAt(nsqd, topic, channel),
      };
      sampleGauges(this.history, now, source);
    }
  }

  private readyAt(nsqd: string, topic: string, channel: string): number {
    let sum = 0;
    for (const app of this.consumers.values()) if (app.consumes(topic, channel)) sum += app.readyAt(nsqd);
    return sum;
  }
}

function refuseFunction(name: string): never {
  throw new AssertionError(`handler function ${name}: refused before the run`);
}

function linkKey(client: string, nsqd: string): string {
  return `${client} ${nsqd}`;
}

/** The `broker-*` kinds that trigger a fault and may happen at that nsqd. */
function wireTriggers(scenario: Scenario, nsqd: string): readonly EventKind[] {
  const kinds = Object.keys(WIRE_EVENTS) as EventKind[];
  return kinds.filter((kind) =>
    (scenario.faults ?? []).some(
      ({ trigger }) => "after" in trigger && trigger.after.kind === kind && (trigger.after.process ?? nsqd) === nsqd,
    ),
  );
}
