import type { Micros } from "../../core/time.ts";
import type { Connection } from "./connections.ts";
import type { Lives } from "./lives.ts";
import type { Place } from "./places.ts";

export function readConnect(lives: Lives, row: number): void {
  const { history } = lives;
  const connection = lives.connectionAt(row);
  // A consumer sends SUB at once: the channel may exist from now on, even if its OK never comes.
  const name = history.place[row]!;
  if (history.strings[name]!.includes("/")) lives.placeAt(name, connection.nsqd).attempted(row);
}

export function readSubscribe(lives: Lives, row: number): void {
  const { history } = lives;
  const now = history.at[row]!;
  const connection = lives.connectionAt(row);
  const place = lives.placeAt(history.place[row]!, connection.nsqd);
  if (history.value[row]! > 0) connection.msgTimeout = history.value[row]!;
  if (place.existences.length === 0 && place.topic.places.length > 1) {
    place.gone = place.topic.settled - place.topic.refused;
  }
  // Word of an nsqd that is gone meanwhile says nothing of the one that comes after it.
  if (connection.endRow >= 0) return place.attempted(row);
  if (mayBeOld(place, connection.openedAt)) place.mayBeNew(row, now);
  else place.exists(row, now);
  if (connection.place !== null) return undefined;
  connection.place = place;
  place.window = Math.max(place.window, 2 * connection.travelMax + connection.bufferMax);
  place.minTimeout = Math.min(place.minTimeout, connection.msgTimeout);
  if (!place.paths.some((path) => path.client === connection.client)) place.paths.push(connection);
  place.open += 1;
  if (place.open === 1) place.unconnectedUntil = now;
  if (connection.ready) place.changeReady(1, now);
  return undefined;
}

/** What was said since then may be of a channel that an operator deleted meanwhile. */
function mayBeOld({ removals, topic }: Place, since: Micros): boolean {
  return [...removals, ...topic.removals].some(({ text, to }) => text === "deleted" && to >= since);
}

export function readRdy(lives: Lives, row: number): void {
  const { history } = lives;
  const now = history.at[row]!;
  const connection = lives.connectionAt(row);
  const count = history.value[row]!;
  connection.rdyAt.push(now);
  connection.rdyCount.push(count);
  setRdy(lives, connection, count, now);
  lives.rdyRows.push(row);
  lives.rdySums.push(lives.rdySum[connection.client] ?? 0);
}

/** The client saw its connection go. */
export function readClose(lives: Lives, row: number): void {
  const now = lives.history.at[row]!;
  const connection = lives.connectionAt(row);
  connection.isClosed = true;
  end(connection, row, now);
  setRdy(lives, connection, 0, now);
}

export function readBackoff(lives: Lives, row: number): void {
  const { history } = lives;
  const client = history.process[row]!;
  const leaves = history.strings[history.note[row]!] === "leave";
  for (const place of lives.places) {
    if (!place.paths.some((path) => path.client === client)) continue;
    if (!leaves) place.backingOff.add(client);
    else if (place.backingOff.delete(client)) place.backoffUntil = history.at[row]!;
  }
}

export function readProcess(lives: Lives, row: number): void {
  const { history, weather } = lives;
  const name = history.process[row]!;
  const now = history.at[row]!;
  const what = history.strings[history.note[row]!];
  const { freezes } = weather.process(name);
  weather.noteProcess(row);
  const holds = weather.process(name).freezes - freezes;
  if (holds !== 0) for (const connection of lives.connectionsOf[name] ?? []) hold(connection, holds, row, now);
  if (what === "stop") stopClient(lives, name, now);
  if (what === "start") {
    for (const topic of lives.topics) if (topic.nsqd === name) topic.mayBeGone();
    const changes = weather.changesAt(row);
    if (changes !== null) lives.changeOptions(name, changes, now);
  }
  if (what !== "kill" && what !== "stopped") return;
  for (const connection of lives.connectionsOf[name] ?? []) {
    end(connection, row, now);
    if (connection.client !== name) continue;
    connection.isClosed = true;
    setRdy(lives, connection, 0, now);
  }
  for (const place of lives.places) {
    if (place.topic.nsqd === name) {
      place.mayBeGone(row);
      place.gone = place.topic.settled - place.topic.refused;
    }
    if (place.backingOff.delete(name)) place.backoffUntil = now;
  }
}

export function readFault(lives: Lives, row: number): void {
  const { history } = lives;
  const now = history.at[row]!;
  const { breaks, holds, until } = lives.weather.noteFault(row);
  const other = history.peer[row]!;
  for (const connection of lives.connectionsOf[history.process[row]!] ?? []) {
    if (other !== 0 && connection.client !== other && connection.nsqd !== other) continue;
    if (breaks) end(connection, row, now);
    if (holds !== 0) hold(connection, holds, row, now);
    if (connection.place !== null) connection.place.unsettledUntil = Math.max(connection.place.unsettledUntil, until);
  }
}

function hold(connection: Connection, holds: number, row: number, now: Micros): void {
  const before = connection.ready;
  connection.held = Math.max(0, connection.held + holds);
  tellPlace(connection, before, now);
  const { place } = connection;
  if (place === null || !place.ephemeral || connection.held === 0) return;
  // Nobody hears from its clients: nsqd may give the last of them up, and the channel with it.
  if (place.paths.every((path) => path.endRow >= 0 || path.held > 0)) place.mayBeGone(row);
}

/** A consumer that stops has sent CLS: nsqd gives it nothing more, whatever its RDY. */
function stopClient(lives: Lives, name: number, now: Micros): void {
  for (const connection of lives.connectionsOf[name] ?? []) {
    if (connection.client === name) setRdy(lives, connection, 0, now);
  }
}

function setRdy(lives: Lives, connection: Connection, count: number, now: Micros): void {
  if (connection.rdy === count) return;
  lives.rdySum[connection.client] = (lives.rdySum[connection.client] ?? 0) + count - connection.rdy;
  const before = connection.ready;
  connection.rdy = count;
  tellPlace(connection, before, now);
}

/** Nothing is known to pass on the connection from now on. */
function end(connection: Connection, row: number, now: Micros): void {
  if (connection.endRow >= 0) return;
  const before = connection.ready;
  connection.endRow = row;
  connection.endAt = now;
  tellPlace(connection, before, now);
  const { place } = connection;
  if (place === null) return;
  place.open -= 1;
  // nsqd deletes an ephemeral channel with its last client.
  if (place.open === 0 && place.ephemeral) place.mayBeGone(row);
}

function tellPlace(connection: Connection, before: boolean, now: Micros): void {
  const after = connection.ready;
  if (before !== after) connection.place?.changeReady(after ? 1 : -1, now);
}
