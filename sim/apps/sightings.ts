import type { Message } from "../../core/client/message.ts";
import type { ConsumerObserver } from "../../core/client/observer.ts";
import { KIND } from "../history.ts";
import { parseWholeNumber } from "./body.ts";
import type { Recorder, Rows } from "./recorder.ts";

// Looked up once: these are written for every message.
const {
  handle: HANDLE,
  handled: HANDLED,
  connect: CONNECT,
  subscribe: SUBSCRIBE,
  "connect-failed": CONNECT_FAILED,
  close: CLOSE,
  deliver: DELIVER,
  "answer-error": ANSWER_ERROR,
  rdy: RDY,
  backoff: BACKOFF,
  lookup: LOOKUP,
  finish: FINISH,
  requeue: REQUEUE,
  touch: TOUCH,
  "give-up": GIVE_UP,
} = KIND;

/** What one consumer sees and does, written down as rows of the history. */
export class Sightings {
  private readonly recorder: Recorder;
  private readonly rows: Rows;
  private readonly place: number;
  /** Address of an nsqd to its interned name. */
  private readonly peers = new Map<string, number>();
  private lastAddress = "";
  private lastPeer = 0;
  private readonly names = new Map<string, string>();
  /** RDY in force, by connection. */
  private readonly ready = new Map<number, { readonly nsqd: string; readonly count: number }>();
  private lastMessage: Message | null = null;
  private lastNumber = -1;

  constructor(recorder: Recorder, rows: Rows, place: number) {
    this.recorder = recorder;
    this.rows = rows;
    this.place = place;
  }

  /** What the process at an address is called. One that is found is called as it calls itself. */
  know(address: string, name: string): void {
    this.peers.set(address, this.recorder.intern(name));
    this.names.set(address, name);
  }

  /** It would take a message from that nsqd. */
  isServed(nsqd: string): boolean {
    return this.readyAt(nsqd) > 0;
  }

  /** Sum of the RDY counts in force at that nsqd. */
  readyAt(nsqd: string): number {
    let sum = 0;
    for (const ready of this.ready.values()) if (ready.nsqd === nsqd) sum += ready.count;
    return sum;
  }

  /** The number in a message's body; most often the same message as before. */
  numberOf(message: Message): number {
    if (message !== this.lastMessage) {
      this.lastMessage = message;
      this.lastNumber = parseWholeNumber(message.body);
    }
    return this.lastNumber;
  }

  /** A handler starts. */
  handle(message: Message, number: number): void {
    this.handling(HANDLE, message, number, "");
  }

  /** A handler has ended. */
  handled(message: Message, number: number, text: string): void {
    this.handling(HANDLED, message, number, text);
  }

  observer(): ConsumerObserver {
    const { rows, place, recorder } = this;
    const about = (kind: number, message: Message, value: number): void => {
      const { address, connection, idHigh, idLow } = message;
      const number = this.numberOf(message);
      rows.add(kind, this.peer(address), place, number, connection, value, 0, "", idHigh, idLow);
    };
    return {
      connected: (address, conn) => rows.add(CONNECT, this.peer(address), place, -1, conn, 0),
      subscribed: (address, conn, msgTimeout) => rows.add(SUBSCRIBE, this.peer(address), place, -1, conn, msgTimeout),
      connectFailed: (address, cause) => rows.add(CONNECT_FAILED, this.peer(address), place, -1, -1, 0, 0, cause),
      closed: (address, conn, cause) => {
        this.ready.delete(conn);
        rows.add(CLOSE, this.peer(address), place, -1, conn, 0, 0, cause);
      },
      received: (message) => {
        recorder.deliveries += 1;
        if (recorder.history === null) return;
        const { address, connection, attempts, timestamp, idHigh, idLow } = message;
        const number = this.numberOf(message);
        const peer = this.peer(address);
        rows.add(DELIVER, peer, place, number, connection, attempts, timestamp, "", idHigh, idLow);
      },
      answered: (message, answer, delay) =>
        answer === "finish" ? about(FINISH, message, 0) : about(REQUEUE, message, delay),
      touched: (message) => about(TOUCH, message, 0),
      gaveUp: (message) => about(GIVE_UP, message, message.attempts),
      answerError: (address, conn, error, idHigh, idLow) => {
        const number = rows.messageOf(idHigh, idLow);
        rows.add(ANSWER_ERROR, this.peer(address), place, number, conn, 0, 0, error, idHigh, idLow);
      },
      rdy: (address, conn, count) => {
        rows.add(RDY, this.peer(address), place, -1, conn, count);
        this.ready.set(conn, { nsqd: this.names.get(address)!, count });
      },
      lookup: (lookupd, found) => {
        if (recorder.history === null) return;
        const names = found.map((address) => this.name(address)).join(" ");
        rows.add(LOOKUP, this.peer(lookupd), place, -1, -1, found.length, 0, names);
      },
      lookupFailed: (lookupd, cause) => rows.add(LOOKUP, this.peer(lookupd), place, -1, -1, -1, 0, cause),
      backoff: (state, level, wait) => rows.add(BACKOFF, 0, place, -1, -1, level, wait, state),
    };
  }

  private handling(kind: number, message: Message, number: number, text: string): void {
    const { address, connection, attempts, idHigh, idLow } = message;
    this.rows.add(kind, this.peer(address), this.place, number, connection, attempts, 0, text, idHigh, idLow);
  }

  /** The interned name of the nsqd at an address; most often the one asked for last. */
  private peer(address: string): number {
    if (address !== this.lastAddress) {
      this.lastAddress = address;
      if (!this.peers.has(address)) this.know(address, hostOf(address));
      this.lastPeer = this.peers.get(address)!;
    }
    return this.lastPeer;
  }

  private name(address: string): string {
    if (!this.names.has(address)) this.know(address, hostOf(address));
    return this.names.get(address)!;
  }
}

function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(":"));
}
