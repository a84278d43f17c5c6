import type { Run } from "../result.ts";
import { connectionKey } from "./keys.ts";
import type { Reach, Watchers } from "./marks-of.ts";

/** Connections, and what was in flight on them. */
export function watchClients({ scenario, history }: Run, reach: Reach): Watchers {
  const { msg, process, peer, place } = history;
  const text = (row: number): string => history.strings[history.note[row]!]!;
  const key = (row: number): number => connectionKey(history, row);
  const consumers = new Set(scenario.consumers.map(({ name }) => history.intern(name)));
  const nsqds = new Set(scenario.nsqd.map(({ name }) => history.intern(name)));
  /** Unanswered deliveries by connection. */
  const inFlight = new Map<number, Set<number>>();
  const closed = new Set<number>();
  const connected = new Set<number>();
  const started = new Set<number>();
  const subscribers = new Map<number, number>();
  let published = false;
  const answer = (row: number): void => void inFlight.get(key(row))?.delete(msg[row]!);
  return {
    publish: () => void (published = true),
    process: (row) => {
      const how = text(row);
      if (how === "block" && consumers.has(process[row]!)) reach("handler-blocked");
      if (how !== "start") return;
      if (started.has(process[row]!) && nsqds.has(process[row]!)) reach("nsqd-restarted");
      if (started.has(process[row]!) && consumers.has(process[row]!)) reach("consumer-restarted");
      started.add(process[row]!);
    },
    connect: (row) => {
      const pair = process[row]! * 2 ** 26 + peer[row]!;
      if (connected.has(pair)) reach("reconnected");
      connected.add(pair);
    },
    "connect-failed": () => reach("connect-failed"),
    subscribe: (row) => {
      const before = subscribers.get(place[row]!);
      if (before === undefined && published) reach("subscribed-late");
      if (before !== undefined && before !== process[row]) reach("channel-shared");
      subscribers.set(place[row]!, process[row]!);
    },
    deliver: (row) => {
      const connection = key(row);
      let messages = inFlight.get(connection);
      if (messages === undefined) inFlight.set(connection, (messages = new Set()));
      messages.add(msg[row]!);
    },
    handled: (row) => void (closed.has(key(row)) && reach("handler-outlived-connection")),
    finish: answer,
    requeue: answer,
    close: (row) => {
      if ((inFlight.get(key(row))?.size ?? 0) > 0) reach("closed-in-flight");
      inFlight.delete(key(row));
      closed.add(key(row));
    },
    phase: (row) => {
      if (text(row) === "heal" && [...inFlight.values()].some(({ size }) => size > 0)) reach("in-flight-at-heal");
    },
  };
}
