import type { Message } from "../../core/client/message.ts";
import type { Host, HostError } from "../../core/host.ts";
import { msToMicros } from "../../core/time.ts";
import { KIND } from "../history.ts";
import type { DedupSpec } from "../scenario/types.ts";
import { parseBusinessId } from "./body.ts";
import type { Rows } from "./recorder.ts";
import { questionTarget, readAnswer, type StoreAnswer, type StoreQuestion } from "./store.ts";

const DEFAULT_TIMEOUT_MS = 1_000;

/** Whose effects these are. */
export interface EffectOwner {
  readonly host: Host;
  readonly rows: Rows;
  /** Name of the consumer. */
  readonly name: string;
  /** topic/channel, and its number. */
  readonly placeName: string;
  readonly place: number;
  /** Keys of the topic; 1: it has none. */
  readonly keys: number;
  /** HTTP address of a store of the scenario. */
  storeAddress(store: string): string;
}

/** What handlers of one consumer do outside the queue: at once, or by way of a store that remembers what was done. */
export class Effects {
  private readonly owner: EffectOwner;

  constructor(owner: EffectOwner) {
    this.owner = owner;
  }

  /** What comes before the work. `known`: there is nothing left to do. */
  before(effect: true | DedupSpec, message: Message, msg: number, then: (answer: StoreAnswer) => void): void {
    if (effect === true || effect.dedup === "transactional" || effect.dedup === "versioned") then("new");
    else this.ask(effect, effect.dedup === "check-first" ? "mark" : "look", message, msg, then);
  }

  /** The effect itself, when the work is done. */
  perform(effect: true | DedupSpec, message: Message, msg: number, then: (answer: StoreAnswer) => void): void {
    const isInStore = effect !== true && (effect.dedup === "transactional" || effect.dedup === "versioned");
    if (!isInStore) this.record(message, msg, "");
    if (effect === true || effect.dedup === "check-first") then("new");
    else this.ask(effect, isInStore ? "commit" : "mark", message, msg, then);
  }

  /** Something that cannot be taken back has happened. */
  record(message: Message, msg: number, name: string): void {
    const { rows, place } = this.owner;
    const { connection, attempts, idHigh, idLow } = message;
    const business = parseBusinessId(message.body);
    rows.add(KIND.effect, 0, place, msg, connection, attempts, business, name, idHigh, idLow);
  }

  private ask(
    { dedup, store, timeoutMs = DEFAULT_TIMEOUT_MS }: DedupSpec,
    what: StoreQuestion["do"],
    message: Message,
    msg: number,
    then: (answer: StoreAnswer) => void,
  ): void {
    const { host, name, placeName, keys } = this.owner;
    const business = parseBusinessId(message.body);
    const question: StoreQuestion = {
      do: what,
      id: `${placeName}/${business}`,
      version: dedup === "versioned" ? { key: `${placeName}/${business % keys}`, number: business } : null,
      consumer: name,
      place: placeName,
      msg,
      conn: message.connection,
      attempts: message.attempts,
      business,
    };
    const timeout = msToMicros(timeoutMs);
    const call = { method: "POST", target: questionTarget(question), body: new Uint8Array(0), timeout };
    host.requestHttp(this.owner.storeAddress(store), call, (result) => then(readAnswer(result)));
  }
}

/** What a handler fails with when a store does not answer. */
export function storeFailure(error: HostError): string {
  return `store: ${error.code}`;
}
