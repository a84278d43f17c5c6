import type { Micros } from "../../core/time.ts";
import { KIND, type History } from "../history.ts";
import { surveyMachine, type MachineSurvey } from "./machine.ts";
import type { QueueSurvey, ShadowRules } from "./queue.ts";
import type { ShadowRecord } from "./records.ts";

/** How an incarnation ended: `detail` of a survey row. */
export const ENDING = { stopped: 0, killed: 1, lostPower: 2 } as const;

export type Ending = (typeof ENDING)[keyof typeof ENDING];

type Files = ReadonlyMap<string, Uint8Array>;

const NOTHING: ReadonlySet<string> = new Set();

/** What an incarnation left behind. */
interface Remains {
  readonly ending: Ending;
  readonly survey: MachineSurvey;
  readonly wipes: number;
}

/** The machine of an nsqd. */
export interface Machine {
  readonly files: {
    snapshot(): Files;
    /** Times that the disk was replaced by an empty one. */
    readonly wipes: number;
  };
  /** It is without power. */
  readonly dark: boolean;
}

/**
 * Looks at the files of one nsqd whenever it ends and whenever it starts again, and writes into the history what the
 * next incarnation must find there: a `survey` row, and `kept` and `unkept` rows for what is there and for what was.
 */
export class Surveyor {
  private readonly history: History;
  private readonly machine: Machine;
  private readonly nsqd: number;
  private remains: Remains | null = null;
  /** Messages reported as damaged: they stay where they are. */
  private readonly damaged = new Set<string>();

  constructor(history: History, nsqd: string, machine: Machine) {
    this.history = history;
    this.machine = machine;
    this.nsqd = history.intern(nsqd);
  }

  /** An incarnation is over. `rules`: its own. */
  ended(state: "kill" | "stopped", rules: ShadowRules): void {
    const { dark, files } = this.machine;
    const ending = state === "stopped" ? ENDING.stopped : dark ? ENDING.lostPower : ENDING.killed;
    this.remains = { ending, survey: surveyMachine(files.snapshot(), rules), wipes: files.wipes };
  }

  /** The next one starts. `rules`: its own. True: it has messages for a topic or channel that nsqd.dat does not have. */
  started(now: Micros, rules: ShadowRules): boolean {
    const { remains } = this;
    if (remains === null) return false;
    this.remains = null;
    const { files } = this.machine;
    const survey = surveyMachine(files.snapshot(), rules);
    this.tellSurvey(now, remains.ending, survey);
    const isWiped = files.wipes > remains.wipes;
    const lost = isWiped ? "lost" : remains.ending === ENDING.lostPower ? "unsynced" : null;
    const told = new Set<string>();
    for (const [queue, before] of remains.survey.queues) {
      const there = new Set(survey.queues.get(queue)?.kept.map(({ msg }) => msg));
      const ignored = before.passed.filter(({ cause }) => cause === "ignored");
      const had = [...before.kept.map((record) => ({ record, cause: "damaged" as const })), ...ignored];
      for (const { record, cause } of had) {
        if (there.has(record.msg) || this.damaged.has(`${queue} ${record.msg}`)) continue;
        told.add(`${queue} ${record.msg}`);
        this.row(now, KIND.unkept, queue, record, 0, lost ?? cause);
      }
    }
    for (const [queue, its] of survey.queues) this.tellPassed(now, queue, its, told);
    return [...survey.queues].some(([queue, { kept }]) => kept.length > 0 && survey.listed?.includes(queue) !== true);
  }

  /** The run is over: what lies in damaged files now will not be delivered any more. */
  over(now: Micros, rules: ShadowRules): void {
    const files = this.machine.files.snapshot();
    if (this.remains !== null || ![...files.keys()].some((name) => name.endsWith(".bad"))) return;
    for (const [queue, its] of surveyMachine(files, rules).queues) {
      const damaged = its.passed.filter(({ cause }) => cause === "damaged");
      this.tellPassed(now, queue, { ...its, passed: damaged }, NOTHING);
    }
  }

  private tellSurvey(now: Micros, ending: Ending, { queues, listed }: MachineSurvey): void {
    const { history } = this;
    const problems: string[] = [];
    let kept = 0;
    for (const [queue, its] of queues) {
      kept += its.kept.length;
      if (its.problem !== "") problems.push(`${queue}: ${its.problem}`);
    }
    history.add(now, KIND.survey, this.nsqd, 0, 0, -1, -1, kept, ending, history.intern(problems.join("; ")));
    for (const place of listed ?? []) this.row(now, KIND.kept, place, null, 0, "");
    for (const [queue, its] of queues)
      for (const [index, record] of its.kept.entries())
        this.row(now, KIND.kept, queue, record, index < its.salvagedFrom ? 0 : 1, "");
  }

  private tellPassed(now: Micros, queue: string, { kept, passed }: QueueSurvey, told: ReadonlySet<string>): void {
    const there = new Set(kept.map(({ msg }) => msg));
    for (const { record, cause } of passed) {
      const key = `${queue} ${record.msg}`;
      if (there.has(record.msg) || told.has(key) || this.damaged.has(key)) continue;
      if (cause === "damaged") this.damaged.add(key);
      this.row(now, KIND.unkept, queue, record, 0, cause);
    }
  }

  /** `record` null: the topic or channel itself. What is in no record of a workload has no row. */
  private row(
    now: Micros,
    kind: number,
    queue: string,
    record: ShadowRecord | null,
    detail: number,
    text: "" | "unsynced" | "ignored" | "damaged" | "lost",
  ): void {
    const { history, nsqd } = this;
    if (record !== null && record.msg <= 0) return;
    const place = history.intern(queue);
    const note = history.intern(text);
    const msg = record?.msg ?? -1;
    const { attempts = 0, idHigh = 0, idLow = 0 } = record ?? {};
    history.add(now, kind, nsqd, 0, place, msg, -1, attempts, detail, note, Math.max(idHigh, 0), Math.max(idLow, 0));
  }
}
