/**
 * White-box events: what a broker did with a message, for explanation only (no oracle judges by them).
 *
 * | kind | when | value | text |
 * |---|---|---|---|
 * | accept | a publish entered the topic; channel is "" | delay µs | |
 * | fan-out | the pump gave it to the channel | delay µs | |
 * | send | written to a client's output | attempts, this one included | |
 * | finish | FIN | attempts | |
 * | requeue | REQ | delay µs | |
 * | timeout | its deadline passed unanswered | attempts | |
 * | defer | it waits for an instant | delay µs | |
 * | due | its wait is over | attempts | |
 * | drop | it left for good without FIN | attempts | `emptied`, `deleted`, `sampled` or `ephemeral` |
 */
export type ProbeKind = "accept" | "fan-out" | "send" | "finish" | "requeue" | "timeout" | "defer" | "due" | "drop";

export interface NsqdProbe {
  /** The body is `bytes[start, end)`, valid only during the call. `idHigh` and `idLow` are the halves of the message id. */
  event(
    kind: ProbeKind,
    topic: string,
    channel: string,
    bytes: Uint8Array,
    start: number,
    end: number,
    value: number,
    text: string,
    idHigh: number,
    idLow: number,
  ): void;
}
