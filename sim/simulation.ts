import { HostError } from "../core/host.ts";
import { startNsqd, type NsqdProgram } from "../core/nsqd/nsqd.ts";
import { parseNsqdOptions, type NsqdOptions } from "../core/nsqd/options.ts";
import { startNsqlookupd } from "../core/nsqlookupd/nsqlookupd.ts";
import { parseNsqlookupdOptions, type NsqlookupdOptions } from "../core/nsqlookupd/options.ts";
import { MILLISECOND, msToMicros, SECOND, type Micros } from "../core/time.ts";
import { ConsumerApp } from "./apps/consumer.ts";
import { OPERATOR, OperatorApp } from "./apps/operator.ts";
import { ProducerApp } from "./apps/producer.ts";
import { Recorder } from "./apps/recorder.ts";
import { STORE_PORT, StoreApp, StoreData } from "./apps/store.ts";
import { BrokerRows } from "./broker-rows.ts";
import { Agenda } from "./clock.ts";
import { Schedule, type Chooser } from "./exhaust/move.ts";
import { OpenAgenda } from "./exhaust/open-agenda.ts";
import { opennessOf } from "./exhaust/openness.ts";
import { Faults } from "./faults/index.ts";
import { watchUnits } from "./faults/simulated-link.ts";
import { simulatedFaults } from "./faults/simulated.ts";
import { heldMessages, sampleGauges, samplePeriod, type GaugeSource } from "./gauges.ts";
import type { UserHandlers } from "./handlers.ts";
import { History } from "./history.ts";
import type { LogHook, SimHost, World } from "./host.ts";
import { Network } from "./network/network.ts";
import { RECORD_HEADER_BYTES } from "./shadow/records.ts";
import { Surveyor } from "./shadow/surveyor.ts";
import type { ShadowRules } from "./shadow/queue.ts";
import { SimProcess, type Launch, type ProcessState } from "./process.ts";
import { keysOf } from "./scenario/claims.ts";
import type {
  ConsumerSpec,
  ExhaustSpec,
  NsqdSpec,
  NsqlookupdSpec,
  ProducerSpec,
  Scenario,
  StoreSpec,
} from "./scenario/types.ts";
import { streamsOf, type Reseed } from "./streams.ts";

const DEFAULT_LATENCY = { uniform: [1, 5] } as const;
const DEFAULT_SEND_BUFFER_BYTES = 262_144;

/** How often it is looked whether everything has come to rest; it must have twice in a row. */
const REST_POLL: Micros = 50 * MILLISECOND;

/** What could not start is started again after this. */
const SUPERVISION: Micros = SECOND;

/** publish, publish-ok, broker-accept. */
const ROWS_PER_MESSAGE = 3;
/** deliver, handle, handled, finish; broker-fan-out, broker-send, broker-finish. */
const ROWS_PER_DELIVERY = 7;
/** Connections, gauges. */
const MIN_ROWS = 4_096;
/** Without samples, and made by the thousand. */
const MIN_ROWS_OPEN = 256;
const MAX_EXPECTED_ROWS = 4_000_000;

export interface SimulationOptions {
  readonly record: boolean;
  readonly log: LogHook | null;
  readonly reseed: Reseed | null;
  /** What happens next in a scenario with {@link Scenario.exhaust}. Default: as its schedule says. */
  readonly chooser?: Chooser;
}

/**
 * A scenario under way: its world, its processes, its faults.
 *
 * Phases: faults and workloads until `durationMs`; then every fault is healed and the run goes on until everything that
 * survived is finished, or `recoveryMs` is over. Whoever drives it calls {@link begin}, then {@link step} until
 * {@link over}.
 */
export class Simulation {
  readonly scenario: Scenario;
  readonly agenda: Agenda;
  readonly history: History;
  readonly recorder: Recorder;
  /** The run has ended. */
  over = false;

  private readonly users: UserHandlers;
  private readonly recorded: History | null;
  private readonly world: World;
  private readonly processes = new Map<string, SimProcess>();
  private readonly options = new Map<string, NsqdOptions | NsqlookupdOptions>();
  private readonly brokers = new Map<string, NsqdProgram>();
  /**
   * nsqds that may hold more than they say: for a topic or channel that nsqd.dat does not have, and, being nsqd 1.3, after a
   * crash (diskqueue §11).
   */
  private readonly uncounted = new Set<string>();
  private readonly surveyors = new Map<string, Surveyor>();
  private readonly producers = new Map<string, ProducerApp>();
  private readonly consumers = new Map<string, ConsumerApp>();
  private operator: OperatorApp | null = null;
  private faults: Faults | null = null;
  /** Starts of daemons that ended in listening. */
  private serving = 0;
  private healedAt: Micros = 0;
  private restingPolls = 0;
  private deliveriesAtPoll = 0;

  constructor(scenario: Scenario, users: UserHandlers, options: SimulationOptions) {
    this.scenario = scenario;
    this.users = users;
    this.history = options.record ? new History(expectedRows(scenario)) : new History();
    this.recorded = options.record ? this.history : null;
    const { seed, network, exhaust } = scenario;
    const agenda = exhaust === undefined ? new Agenda() : this.openAgenda(exhaust, options.chooser);
    this.agenda = agenda;
    this.recorder = new Recorder(this.recorded, agenda, 0);
    const streams = streamsOf(seed, agenda, options.reseed);
    this.world = {
      agenda,
      network: new Network(agenda, {
        streams,
        latency: network?.latency ?? DEFAULT_LATENCY,
        fragmentBytes: network?.fragmentBytes ?? 0,
        sendBufferBytes: network?.sendBufferBytes ?? DEFAULT_SEND_BUFFER_BYTES,
        oneByOne: exhaust !== undefined,
      }),
      streams,
      running: "",
      log: options.log,
    };
  }

  /**
   * Starts every process. nsqds begin when the nsqlookupds and stores listen, clients when the nsqds do: refused, they would wait
   * for 15 s or a minute to try again.
   */
  begin(): void {
    const { agenda, scenario } = this;
    this.phase("run");
    const nsqds = new Set(scenario.nsqd.map(({ name }) => name));
    watchUnits(scenario.faults ?? [], this.world, (process) => nsqds.has(process));
    const { nsqlookupd: lookupds = [], stores = [] } = scenario;
    for (const spec of stores) this.addStore(spec);
    for (const spec of lookupds) this.addLookupd(spec);
    while (this.serving < stores.length + lookupds.length) agenda.step();
    for (const [index, spec] of scenario.nsqd.entries()) this.addNsqd(spec, index);
    while (this.serving < stores.length + lookupds.length + scenario.nsqd.length) agenda.step();
    for (const spec of scenario.producers) this.addProducer(spec);
    for (const spec of scenario.consumers) this.addConsumer(spec);
    this.addOperator();
    const process = (name: string): SimProcess => this.processes.get(name)!;
    const families = simulatedFaults({ agenda, network: this.world.network, process });
    this.faults = new Faults(scenario.faults ?? [], families, agenda, this.recorded);
    const end = msToMicros(scenario.durationMs);
    agenda.add(end, { due: () => this.heal() });
    // Samples would be instants at which something may be chosen.
    if (this.recorded !== null && scenario.exhaust === undefined) this.sampleEvery(samplePeriod(end));
  }

  /** Faults that acted so far. */
  get faultsFired(): number {
    return this.faults?.fired ?? 0;
  }

  /** The process whose code ran last. */
  get running(): string {
    return this.world.running;
  }

  /** Runs what is due next. */
  step(): void {
    this.agenda.step();
  }

  private openAgenda({ schedule = [] }: ExhaustSpec, chooser: Chooser = new Schedule(schedule)): Agenda {
    const { scenario, recorded } = this;
    return new OpenAgenda(opennessOf(scenario), chooser, (process, peer, detail) => {
      recorded?.record({ atUs: this.agenda.now, kind: "fault", process, peer, value: -1, detail, text: "held back" });
    });
  }

  private phase(text: "run" | "heal" | "end"): void {
    this.recorded?.record({ atUs: this.agenda.now, kind: "phase", text });
  }

  private addProcess(name: string, clockOffsetMs: number, restartsAtHeal: boolean, launch: Launch): SimProcess {
    const mayDrift = (this.scenario.faults ?? []).some(
      ({ do: action }) => action.kind === "clock-drift" && action.process === name,
    );
    const settings = { clockOffset: msToMicros(clockOffsetMs), mayDrift, restartsAtHeal };
    const process = new SimProcess(this.world, name, settings, launch, (process, state, fault) => {
      if (state === "kill" || state === "stopped") this.forget(process);
      this.state(process, state, fault);
      if (state === "kill" || state === "stopped") this.ended(process, state);
    });
    if (this.recorded !== null) {
      process.files.onTrouble = (text) => {
        this.recorded?.record({ atUs: this.agenda.now, kind: "disk", process: name, text });
      };
    }
    this.processes.set(name, process);
    return process;
  }

  /** The files of an nsqd that has ended are what it leaves. */
  private ended(name: string, state: "kill" | "stopped"): void {
    if (!this.scenario.nsqd.some((spec) => spec.name === name)) return;
    const rules = this.shadowRules(name);
    if (state === "kill") this.uncounted.add(name);
    this.surveyors.get(name)?.ended(state, rules);
  }

  private state(process: string, state: ProcessState, fault = -1): void {
    this.recorded?.record({ atUs: this.agenda.now, kind: "process", process, value: fault + 1, text: state });
  }

  /** The incarnation is gone; the next one registers anew. */
  private forget(process: string): void {
    this.brokers.delete(process);
    this.producers.delete(process);
    this.consumers.delete(process);
  }

  private addStore(spec: StoreSpec): void {
    const data = new StoreData();
    const ready = (result: unknown): void => this.serves(result);
    this.addProcess(spec.name, 0, true, (host) => new StoreApp(host, spec, data, this.recorder, ready)).start();
  }

  private addLookupd(spec: NsqlookupdSpec): void {
    const { name } = spec;
    const options = parseNsqlookupdOptions(spec.options ?? {});
    this.options.set(name, options);
    const hooks = { ready: (result: unknown) => this.serves(result) };
    this.addProcess(name, spec.clockOffsetMs ?? 0, true, (host) => startNsqlookupd(host, options, hooks)).start();
  }

  private serves(result: unknown): void {
    if (result instanceof HostError) throw result;
    this.serving += 1;
  }

  /** An nsqd that cannot start, as when its disk is broken, exits; its supervisor starts it again. */
  private started(process: SimProcess, result: unknown): void {
    if (!(result instanceof HostError) || this.faults === null) {
      this.serves(result);
      return;
    }
    const { agenda } = this;
    // Its step is still on the stack.
    agenda.add(agenda.now, { due: () => process.exit() });
    agenda.add(agenda.now + SUPERVISION, { due: () => process.start() });
  }

  private addNsqd(spec: NsqdSpec, index: number): void {
    const { name } = spec;
    const lookupdTcpAddresses = (spec.lookupd ?? []).map((lookupd) => this.tcpAddress(lookupd));
    const found = spec.lookupd === undefined ? {} : { lookupdTcpAddresses };
    let flags = { "node-id": index, profile: spec.profile ?? "exact", ...spec.options };
    let options = { ...parseNsqdOptions(flags), ...found };
    this.options.set(name, options);
    const hooks = {
      ...(this.recorded === null ? {} : { probe: new BrokerRows(this.recorded, this.agenda, name) }),
      ready: (result: unknown) => this.started(process, result),
    };
    const process: SimProcess = this.addProcess(name, spec.clockOffsetMs ?? 0, true, (host, _restarted, changes) => {
      if (changes !== undefined) {
        flags = { ...flags, ...changes };
        options = { ...parseNsqdOptions(flags), ...found };
        this.options.set(name, options);
      }
      if (this.surveyors.get(name)?.started(this.agenda.now, this.shadowRules(name)) === true) this.uncounted.add(name);
      const program = startNsqd(host, options, hooks);
      this.brokers.set(name, program);
      return program;
    });
    if (this.recorded !== null) this.surveyors.set(name, new Surveyor(this.recorded, name, process));
    process.start();
  }

  private addProducer(spec: ProducerSpec): void {
    const { recorder } = this;
    const process = this.addProcess(spec.name, spec.clockOffsetMs ?? 0, false, (host, restarted) => {
      const app = new ProducerApp(host, spec, { recorder, address: (nsqd) => this.tcpAddress(nsqd), restarted });
      if (this.healedAt > 0) app.endWorkload();
      this.producers.set(spec.name, app);
      return app;
    });
    process.start();
  }

  private addConsumer(spec: ConsumerSpec): void {
    const { recorder } = this;
    const process = this.addProcess(spec.name, spec.clockOffsetMs ?? 0, false, (host: SimHost) => {
      const app = new ConsumerApp(host, spec, {
        recorder,
        address: (nsqd) => this.tcpAddress(nsqd),
        lookupAddress: (lookupd) => this.httpAddress(lookupd),
        storeAddress: (store) => `${store}:${STORE_PORT}`,
        keys: keysOf(this.scenario, spec.topic),
        block: (duration, then) => {
          this.state(spec.name, "block");
          host.block(duration, () => {
            this.state(spec.name, "unblock");
            then();
          });
        },
        handler: (name) => this.users.bind(name, host),
      });
      this.consumers.set(spec.name, app);
      return app;
    });
    const start = msToMicros(spec.startMs ?? 0);
    if (start === 0) process.start();
    else this.agenda.add(start, { due: () => process.start() });
  }

  private addOperator(): void {
    const { operations } = this.scenario;
    if (operations === undefined || operations.length === 0) return;
    const environment = {
      recorder: this.recorder,
      httpAddress: (daemon: string) => this.httpAddress(daemon),
      tcpAddress: (daemon: string) => this.tcpAddress(daemon),
      nodeName: (nsqd: string) => {
        const { broadcastAddress, httpAddress } = this.options.get(nsqd)!;
        return `${broadcastAddress === "" ? nsqd : broadcastAddress}:${portOf(httpAddress)}`;
      },
    };
    const process = this.addProcess(OPERATOR, 0, false, (host) => {
      this.operator = new OperatorApp(host, operations, environment);
      return this.operator;
    });
    process.start();
  }

  private shadowRules(nsqd: string): ShadowRules {
    const { profile, maxMsgSize } = this.options.get(nsqd) as NsqdOptions;
    return { profile, maxRecord: maxMsgSize + RECORD_HEADER_BYTES };
  }

  private tcpAddress(daemon: string): string {
    return `${daemon}:${portOf(this.options.get(daemon)!.tcpAddress)}`;
  }

  private httpAddress(daemon: string): string {
    return `${daemon}:${portOf(this.options.get(daemon)!.httpAddress)}`;
  }

  private heal(): void {
    this.healedAt = this.agenda.now;
    this.phase("heal");
    this.faults!.heal();
    for (const app of this.producers.values()) app.endWorkload();
    this.pollRest();
  }

  private pollRest(): void {
    const limit = this.healedAt + msToMicros(this.scenario.recoveryMs);
    // What nsqd 1.3 does not count after a crash shows by its deliveries only.
    const isIdle = this.recorder.deliveries === this.deliveriesAtPoll;
    this.deliveriesAtPoll = this.recorder.deliveries;
    this.restingPolls = isIdle && this.resting ? this.restingPolls + 1 : 0;
    if (this.restingPolls === 2 || this.agenda.now >= limit) {
      this.end();
      return;
    }
    this.agenda.add(Math.min(limit, this.agenda.now + REST_POLL), { due: () => this.pollRest() });
  }

  /** Nothing is under way anywhere. */
  private get resting(): boolean {
    for (const process of this.processes.values()) if (process.restartsAtHeal && !process.running) return false;
    for (const app of this.producers.values()) if (!app.idle) return false;
    for (const app of this.consumers.values()) if (!app.idle) return false;
    if (this.operator !== null && !this.operator.idle) return false;
    for (const broker of this.brokers.values()) if (heldMessages(broker) > 0) return false;
    return [...this.uncounted].every((nsqd) => this.isDrained(nsqd));
  }

  /**
   * All its consumers are there: then it counts what it has, also on channels that a kill let it forget. What nsqd 1.3
   * does not even count then, they would be given: they have room.
   */
  private isDrained(nsqd: string): boolean {
    const { profile } = this.shadowRules(nsqd);
    const topics = new Set<string>();
    let clients = 0;
    this.brokers.get(nsqd)?.gauges((topic, channel, gauges) => {
      topics.add(topic);
      if (channel !== null) clients += gauges.clients;
    });
    const lookupds = this.scenario.nsqd.find(({ name }) => name === nsqd)?.lookupd ?? [];
    let wanted = 0;
    for (const app of this.consumers.values()) {
      if (!app.wants(nsqd, lookupds, topics)) continue;
      if (profile === "nsqd-1.3" && !app.isServed(nsqd)) return false;
      wanted += 1;
    }
    return wanted <= clients;
  }

  private end(): void {
    this.sample();
    for (const [nsqd, surveyor] of this.surveyors) surveyor.over(this.agenda.now, this.shadowRules(nsqd));
    this.phase("end");
    this.over = true;
  }

  private sampleEvery(period: Micros): void {
    const recovery = Math.max(period, samplePeriod(msToMicros(this.scenario.recoveryMs)));
    const due = (): void => {
      this.sample();
      const step = this.healedAt > 0 ? recovery : period;
      this.agenda.add(this.agenda.now - (this.agenda.now % step) + step, { due });
    };
    this.agenda.add(period, { due });
  }

  private sample(): void {
    const { recorded } = this;
    if (recorded === null) return;
    for (const [nsqd, broker] of this.brokers) {
      const source: GaugeSource = {
        nsqd,
        age: 0,
        gauges: (visit) => broker.gauges(visit),
        ready: (topic, channel) => this.readyAt(nsqd, topic, channel),
      };
      sampleGauges(recorded, this.agenda.now, source);
    }
  }

  private readyAt(nsqd: string, topic: string, channel: string): number {
    let sum = 0;
    for (const app of this.consumers.values()) if (app.consumes(topic, channel)) sum += app.readyAt(nsqd);
    return sum;
  }
}

/** How many rows a run without faults writes, about: more is no harm, the memory is not touched before it is used. */
function expectedRows(scenario: Scenario): number {
  let rows = scenario.exhaust === undefined ? MIN_ROWS : MIN_ROWS_OPEN;
  for (const { topic, count } of scenario.producers.flatMap(({ workload }) => workload)) {
    const channels = new Set(scenario.consumers.flatMap((one) => (one.topic === topic ? [one.channel] : [])));
    rows += count * (ROWS_PER_MESSAGE + ROWS_PER_DELIVERY * channels.size);
  }
  return Math.min(rows, MAX_EXPECTED_ROWS);
}

function portOf(address: string): string {
  return address.slice(address.lastIndexOf(":") + 1);
}
