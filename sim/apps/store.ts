import { HostError, type Host, type HttpResponse } from "../../core/host.ts";
import { KIND } from "../history.ts";
import { Duration } from "../duration.ts";
import type { StoreSpec } from "../scenario/types.ts";
import { Rows, type Recorder } from "./recorder.ts";

/** Where a store listens. */
export const STORE_PORT = 80;

const HEADERS = { "content-type": "text/plain" };

/** What a handler asks of a store. Answered with `new` or `known`: whether this is the first time that it was told. */
export interface StoreQuestion {
  /** `look` changes nothing. `mark` remembers the id. `commit` does the effect, too, unless the id or a newer version is known. */
  readonly do: "look" | "mark" | "commit";
  /** What is remembered: a business id, within its channel. */
  readonly id: string;
  /** For `commit`: of all numbers of this key only the highest so far counts. */
  readonly version: { readonly key: string; readonly number: number } | null;
  /** For the effect: whose it is, as the history tells it. */
  readonly consumer: string;
  readonly place: string;
  readonly msg: number;
  readonly conn: number;
  readonly attempts: number;
  readonly business: number;
}

/** What a store has committed: survives its process. */
export class StoreData {
  /** In the order in which they were learnt. */
  readonly known = new Set<string>();
  /** Highest number so far, by key. */
  readonly versions = new Map<string, number>();
}

export function questionTarget(question: StoreQuestion): string {
  return `/?${encodeURIComponent(JSON.stringify(question))}`;
}

/** A service that remembers what handlers tell it, as a database with a unique index does: one request, one transaction. */
export class StoreApp {
  private readonly host: Host;
  private readonly data: StoreData;
  private readonly recorder: Recorder;
  private readonly name: number;
  private readonly take: Duration;
  private readonly remembers: number;
  private readonly rows = new Map<string, Rows>();

  constructor(host: Host, spec: StoreSpec, data: StoreData, recorder: Recorder, ready: (result: unknown) => void) {
    this.host = host;
    this.data = data;
    this.recorder = recorder;
    this.name = recorder.intern(spec.name);
    this.take = new Duration(spec.takeMs ?? 0);
    this.remembers = spec.remembers ?? Infinity;
    const random = host.random("store");
    const handler = {
      maxBodyBytes: 0,
      head: () => null,
      handle: ({ target }: { readonly target: string }, reply: (response: HttpResponse) => void): void => {
        const question = JSON.parse(decodeURIComponent(target.slice("/?".length))) as StoreQuestion;
        host.timer(host.now() + this.take.draw(random), () =>
          reply({ status: 200, headers: HEADERS, body: this.answer(question) }),
        );
      },
    };
    host.serveHttp(`:${STORE_PORT}`, handler, ready);
  }

  stop(done: () => void): void {
    this.host.endOfStep(done);
  }

  private answer(question: StoreQuestion): "new" | "known" {
    const { known, versions } = this.data;
    const { id, version } = question;
    if (known.has(id)) return "known";
    if (question.do === "look") return "new";
    if (version !== null && (versions.get(version.key) ?? -1) >= version.number) return "known";
    known.add(id);
    if (known.size > this.remembers) known.delete(known.values().next().value!);
    if (version !== null) versions.set(version.key, version.number);
    if (question.do === "commit") this.recordEffect(question);
    return "new";
  }

  private recordEffect({ consumer, place, msg, conn, attempts, business }: StoreQuestion): void {
    let rows = this.rows.get(consumer);
    if (rows === undefined) this.rows.set(consumer, (rows = new Rows(this.recorder, consumer)));
    const where = this.recorder.intern(place);
    rows.add(KIND.effect, this.name, where, msg, conn, attempts, business);
  }
}

/** What a store said, or why it did not. */
export type StoreAnswer = "new" | "known" | HostError;

export function readAnswer(result: HostError | HttpResponse): StoreAnswer {
  if (result instanceof HostError) return result;
  return result.body === "known" ? "known" : "new";
}
