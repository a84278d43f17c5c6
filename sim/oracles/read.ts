import { type History, KIND } from "../history.ts";
import type { Evidence } from "../result.ts";
import { Lives } from "./lives.ts";
import { readBackoff, readClose, readFault, readProcess, readRdy, readSubscribe } from "./read-connection.ts";
import { readAnswer, readDelivery, readRefusal, readTouch } from "./read-delivery.ts";
import { readOperation } from "./read-operation.ts";

const READ = new WeakMap<History, Lives>();

/** Reads the history of some evidence; the second time it is only looked up. */
export function livesOf(evidence: Evidence): Lives {
  const known = READ.get(evidence.history);
  if (known !== undefined && sameQuestion(known, evidence)) return known;
  const lives = new Lives(evidence);
  for (let row = 0; row < lives.rows; row += 1) readRow(lives, row);
  READ.set(evidence.history, lives);
  return lives;
}

function sameQuestion(known: Lives, evidence: Evidence): boolean {
  const { scenario, world, slackUs } = known.evidence;
  const same = scenario === evidence.scenario && world === evidence.world && slackUs === evidence.slackUs;
  return same && known.rows === evidence.history.length;
}

function readRow(lives: Lives, row: number): void {
  const { history } = lives;
  switch (history.kind[row]!) {
    case KIND.publish:
      return readPublish(lives, row);
    case KIND["publish-ok"]:
      lives.counts.accepted += 1;
      return readOutcome(lives, row);
    case KIND["publish-error"]:
      lives.counts.failed += 1;
      return readOutcome(lives, row);
    case KIND["publish-unknown"]:
      lives.counts.unknown += 1;
      return readOutcome(lives, row);
    case KIND.deliver:
      return readDelivery(lives, row);
    case KIND.finish:
    case KIND.requeue:
    case KIND["give-up"]:
      return readAnswer(lives, row);
    case KIND.touch:
      return readTouch(lives, row);
    case KIND["answer-error"]:
      return readRefusal(lives, row);
    case KIND.rdy:
      return readRdy(lives, row);
    case KIND.connect:
      lives.connectionAt(row);
      return undefined;
    case KIND.subscribe:
      return readSubscribe(lives, row);
    case KIND.close:
      return readClose(lives, row);
    case KIND.backoff:
      return readBackoff(lives, row);
    case KIND.operate:
      return readOperation(lives, row);
    case KIND.process:
      return readProcess(lives, row);
    case KIND.fault:
      return readFault(lives, row);
    case KIND.phase:
      return readPhase(lives, row);
    case KIND.gauge:
      lives.gaugeRows.push(row);
      return undefined;
    default:
      // handle, handled, connect-failed and broker-* rows only explain.
      return undefined;
  }
}

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
  const { messages } = lives;
  const msg = lives.history.msg[row]!;
  if (msg >= 0 && msg < messages.size && messages.outcomeRow[msg]! < 0) messages.outcomeRow[msg] = row;
}

function readPhase(lives: Lives, row: number): void {
  const phase = lives.history.strings[lives.history.note[row]!];
  if (phase === "heal") lives.healRow = row;
  if (phase === "end") lives.endRow = row;
}
