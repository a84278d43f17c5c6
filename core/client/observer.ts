import type { Micros } from "../time.ts";
import type { Message } from "./message.ts";

/**
 * What became of a publish.
 * `ok`: nsqd answered OK. `error`: nsqd refused it (text of the frame), or it was refused here before it was sent.
 * `unknown`: the connection was lost after bytes had left; nsqd has it or not. `not-sent`: it never left this process.
 */
export type PublishOutcome =
  | { readonly kind: "ok" }
  | { readonly kind: "error"; readonly error: string }
  | { readonly kind: "unknown"; readonly reason: string }
  | { readonly kind: "not-sent"; readonly reason: string };

/** What a producer does. `conn` counts its connections from 0. */
export interface ProducerObserver {
  connected?(conn: number): void;
  closed?(conn: number, cause: string): void;
  connectFailed?(cause: string): void;
  /** The command of the oldest publish not yet reported was handed to the socket. */
  sent?(conn: number): void;
}

/** What a consumer does. `conn` counts its connections from 0, over all addresses. */
export interface ConsumerObserver {
  connecting?(address: string, conn: number): void;
  /** IDENTIFY was answered. */
  connected?(address: string, conn: number): void;
  /** SUB was answered by OK. `msgTimeout`: the one that nsqd confirmed. */
  subscribed?(address: string, conn: number, msgTimeout: Micros): void;
  connectFailed?(address: string, cause: string): void;
  closed?(address: string, conn: number, cause: string): void;
  /** A message frame arrived; it may have to wait for a handler. */
  received?(message: Message): void;
  /** FIN or REQ was written. `delay`: of the REQ, as sent. */
  answered?(message: Message, answer: "finish" | "requeue", delay: Micros): void;
  touched?(message: Message): void;
  /** FIN or REQ or TOUCH could not be written: its connection is gone. */
  dropped?(message: Message, answer: "finish" | "requeue" | "touch"): void;
  /** attempts exceeded the limit: finished without a handler. */
  gaveUp?(message: Message): void;
  /** An error frame. The id is that of the message for FIN, REQ and TOUCH, else 0 0. */
  answerError?(address: string, conn: number, error: string, idHigh: number, idLow: number): void;
  /** RDY was written. */
  rdy?(address: string, conn: number, count: number): void;
  /** An nsqlookupd answered: who has the topic, connected already or not. */
  lookup?(lookupd: string, addresses: readonly string[]): void;
  /** An nsqlookupd did not answer, or does not know the topic. */
  lookupFailed?(lookupd: string, cause: string): void;
  backoff?(state: BackoffPhase, level: number, wait: Micros): void;
}

/**
 * `enter`: the level became 1. `wait`: RDY 0 everywhere for that time, at this level. `test`: the wait is over, one
 * connection gets RDY 1. `leave`: the level is 0 again.
 */
export type BackoffPhase = "enter" | "wait" | "test" | "leave";
