import { EVENT_KINDS, type EventKind, type History, KIND } from "../history.ts";
import type { Evidence } from "../result.ts";
import { Lives } from "./lives.ts";
import {
  readBackoff,
  readClose,
  readConnect,
  readFault,
  readProcess,
  readRdy,
  readSubscribe,
} from "./read-connection.ts";
import { readAnswer, readRefusal, readTouch } from "./read-answer.ts";
import { readDelivery } from "./read-delivery.ts";
import { readOperation } from "./read-operation.ts";
import { isRefused } from "./refusals.ts";

const READ = new WeakMap<History, Lives>();

/** Reads the history of some evidence; the second time it is only looked up. */
export function livesOf(evidence: Evidence): Lives {
  const known = READ.get(evidence.history);
  if (known !== undefined && sameQuestion(known, evidence)) return known;
  const lives = new Lives(evidence);
  for (let row = 0; row < lives.rows; row += 1) READERS[evidence.history.kind[row]!]?.(lives, row);
  READ.set(evidence.history, lives);
  return lives;
}

function sameQuestion(known: Lives, evidence: Evidence): boolean {
  const { scenario, world, slackUs } = known.evidence;
  const same = scenario === evidence.scenario && world === evidence.world && slackUs === evidence.slackUs;
  return same && known.rows === evidence.history.length;
}

type Reader = (lives: Lives, row: number) => void;

/** Reader of each kind. The others (handle, handled, connect-failed, broker-*) only explain. */
const READERS: readonly (Reader | undefined)[] = EVENT_KINDS.map((kind) => {
  const readers: Partial<Record<EventKind, Reader>> = {
    publish: readPublish,
    "publish-ok": readOutcome,
    "publish-error": readOutcome,
    "publish-unknown": readOutcome,
    deliver: readDelivery,
    finish: readAnswer,
    requeue: readAnswer,
    "give-up": readAnswer,
    touch: readTouch,
    "answer-error": readRefusal,
    rdy: readRdy,
    connect: readConnect,
    subscribe: readSubscribe,
    close: readClose,
    backoff: readBackoff,
    operate: readOperation,
    process: readProcess,
    fault: readFault,
    phase: readPhase,
    survey: readSurvey,
    kept: readKept,
    unkept: readKept,
    gauge: (lives, row) => void lives.gaugeRows.push(row),
  };
  return readers[kind];
});

function readPublish(lives: Lives, row: number): void {
  const { history, messages } = lives;
  const msg = history.msg[row]!;
  lives.counts.published += 1;
  if (msg < 0 || messages.publishRow[msg]! >= 0) return;
  const topic = lives.topicAt(history.place[row]!, history.peer[row]!);
  messages.publishRow[msg] = row;
  messages.topic[msg] = topic.index;
  messages.rank[msg] = topic.messages.length;
  topic.messages.push(msg);
}

function readOutcome(lives: Lives, row: number): void {
  const { history, messages, counts } = lives;
  const msg = history.msg[row]!;
  if (history.kind[row] === KIND["publish-ok"]) counts.accepted += 1;
  else if (history.kind[row] === KIND["publish-error"]) counts.failed += 1;
  else counts.unknown += 1;
  const topic = lives.topics[messages.topic[msg] ?? -1];
  if (topic === undefined) return;
  topic.settled += 1;
  if (isRefused(lives, row)) topic.refused += 1;
  if (history.kind[row] === KIND["publish-ok"]) topic.exists(history.at[row]!);
  if (msg >= 0 && msg < messages.size && messages.outcomeRow[msg]! < 0) messages.outcomeRow[msg] = row;
}

function readSurvey(lives: Lives, row: number): void {
  const nsqd = lives.history.process[row]!;
  lives.surveysOf(nsqd).begin(lives.history, row, lives.weather.process(nsqd));
}

function readKept(lives: Lives, row: number): void {
  lives.surveysOf(lives.history.process[row]!).note(lives.history, row);
}

function readPhase(lives: Lives, row: number): void {
  const phase = lives.history.strings[lives.history.note[row]!];
  if (phase === "heal") lives.healRow = row;
  if (phase === "end") lives.endRow = row;
}
