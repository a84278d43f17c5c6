import type { Micros } from "../../core/time.ts";
import type { Lives } from "./lives.ts";

/** An instant or a span in seconds, to the millisecond: `5.020 s`. */
export function seconds(us: Micros): string {
  return `${(Math.round(us / 1000) / 1000).toFixed(3)} s`;
}

/** A span in the unit that suits it: `850 µs`, `12.5 ms`, `60 s`. */
export function span(us: Micros): string {
  if (us < 1000) return `${us} µs`;
  if (us < 1_000_000) return `${Math.round(us / 100) / 10} ms`;
  return `${Math.round(us / 10_000) / 100} s`;
}

/** `3 messages`, `1 message`; `2 deliveries`. */
export function count(number: number, noun: string): string {
  if (number === 1) return `1 ${noun}`;
  return noun.endsWith("y") ? `${number} ${noun.slice(0, -1)}ies` : `${number} ${noun}s`;
}

export function at(lives: Lives, row: number): Micros {
  return lives.history.at[row]!;
}

/** `c1 (connection 2)`. */
export function client(lives: Lives, delivery: number): string {
  const connection = lives.connections[lives.deliveries.connection[delivery]!]!;
  return `${connection.clientLife.name} (connection ${connection.number})`;
}

/** Message number of a delivery. */
export function msgOf(lives: Lives, delivery: number): number {
  return lives.lives.msg[lives.deliveries.life[delivery]!]!;
}

/** topic/channel of a delivery. */
export function placeOf(lives: Lives, delivery: number): string {
  return lives.places[lives.lives.place[lives.deliveries.life[delivery]!]!]!.name;
}

/** `attempt 2 of message 17 on orders/billing at 65.003 s to c2 (connection 0)`. */
export function told(lives: Lives, delivery: number): string {
  const row = lives.deliveries.row[delivery]!;
  const attempts = lives.history.value[row]!;
  const where = `${placeOf(lives, delivery)} at ${seconds(at(lives, row))} to ${client(lives, delivery)}`;
  return `attempt ${attempts} of message ${msgOf(lives, delivery)} on ${where}`;
}
