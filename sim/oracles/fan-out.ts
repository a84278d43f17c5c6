import { heldUntil } from "./held-topics.ts";
import type { Lives } from "./lives.ts";
import type { Place, TopicHere } from "./places.ts";

/** Who of an accepted message's channels owes it: nsqd copies to the channels that exist when its pump takes it. */
export interface FanOut {
  /** Pairs of an accepted message and a channel that certainly existed. */
  readonly owed: number;
  /** Those that were not finished there, or were given up: parallel arrays; life -1: never delivered. */
  readonly missingMsg: number[];
  readonly missingPlace: Place[];
  readonly missingLife: number[];
  /** Pairs of an accepted message and a channel that certainly came too late. */
  readonly barred: number;
  /** Lives that should not be: delivered on a channel that came too late. */
  readonly trespasses: number[];
  /** {@link SHARE} of each place, by its index, in the messages of its topic, by rank; `open` for those not accepted. */
  readonly shares: Uint8Array[];
}

/** A channel's share in a message: it must have it, it may, it must not. */
export const SHARE = { open: 0, owed: 1, barred: 2 } as const;

type Share = (typeof SHARE)[keyof typeof SHARE];

const KNOWN = new WeakMap<Lives, FanOut>();

/**
 * Compares every accepted message with every channel of its topic (nsqd-semantics §1.2): those that existed from its
 * publish to its OK owe it; one created after its OK, while another took it, must not have it; the first channel of a
 * topic owes the backlog too. In between anything goes. An nsqd that registers with nsqlookupds creates channels by
 * itself: there, only those that existed for sure owe anything, and only ephemeral ones can have come too late.
 */
export function fanOutOf(lives: Lives): FanOut {
  const known = KNOWN.get(lives);
  if (known !== undefined) return known;
  const fanOut = { owed: 0, missingMsg: [], missingPlace: [], missingLife: [], barred: 0, trespasses: [], shares: [] };
  for (const topic of lives.topics) readTopic(lives, topic, fanOut);
  KNOWN.set(lives, fanOut);
  return fanOut;
}

function readTopic(lives: Lives, topic: TopicHere, fanOut: { -readonly [K in keyof FanOut]: FanOut[K] }): void {
  const first = findsChannels(lives, topic) ? null : firstPlace(topic);
  const { messages } = topic;
  for (const place of topic.places) {
    const shares = new Uint8Array(messages.length);
    fanOut.shares[place.index] = shares;
    for (let rank = 0; rank < messages.length; rank += 1) {
      const msg = messages[rank]!;
      if (!lives.accepted(msg)) continue;
      const share = shareOf(lives, topic, first, place, msg);
      if (share === SHARE.open) continue;
      shares[rank] = share;
      const life = place.life(rank);
      if (share === SHARE.barred) {
        fanOut.barred += 1;
        if (life >= 0) fanOut.trespasses.push(life);
        continue;
      }
      fanOut.owed += 1;
      if (life >= 0 && lives.finishRow(life) >= 0 && lives.lives.giveUpRow[life]! < 0) continue;
      fanOut.missingMsg.push(msg);
      fanOut.missingPlace.push(place);
      fanOut.missingLife.push(life);
    }
  }
}

/** The share of one channel in one accepted message. */
function shareOf(lives: Lives, topic: TopicHere, first: Place | null, place: Place, msg: number): Share {
  const { history, messages } = lives;
  const published = messages.publishRow[msg]!;
  const accepted = messages.outcomeRow[msg]!;
  const finds = findsChannels(lives, topic);
  if (!finds && topic.places.length === 1) return SHARE.owed;
  if (existed(place, published, accepted)) return SHARE.owed;
  if (finds && !place.ephemeral) return SHARE.open;
  const begin = place.existences[0];
  if (begin === undefined) return SHARE.open;
  if (place === first && accepted <= begin.endRow) return SHARE.owed;
  if (accepted > place.possibleRow || topic.everPaused || topic.ephemeral) return SHARE.open;
  if (history.at[accepted]! + lives.terms.slack > history.at[place.possibleRow]!) return SHARE.open;
  const possibleAt = history.at[place.possibleRow]!;
  if (finds && heldUntil(lives, topic, possibleAt) >= possibleAt) return SHARE.open;
  // A full channel holds the pump back: later messages wait in the topic, open to whoever comes.
  if (topic.messages.length >= lives.memQueueSize(topic.nsqd)) return SHARE.open;
  const taken = topic.places.some((other) => other !== place && existed(other, published, accepted));
  const before = first === null || first === place ? undefined : first.existences[0];
  const inherited = before !== undefined && before.fromRow <= place.possibleRow && accepted <= before.endRow;
  return taken || inherited ? SHARE.barred : SHARE.open;
}

/** Its nsqd asks nsqlookupds for channels: any lasting one may be there before its first consumer is. */
function findsChannels(lives: Lives, topic: TopicHere): boolean {
  return lives.optionsOf(topic.nsqd).lookupdTcpAddresses.length > 0;
}

/** The channel that certainly came first, or null. */
function firstPlace(topic: TopicHere): Place | null {
  for (const place of topic.places) {
    const created = place.existences[0]?.fromRow ?? Infinity;
    if (topic.places.every((other) => other === place || created < other.possibleRow)) return place;
  }
  return null;
}

/** True when it certainly existed from one row to another. */
function existed(place: Place, from: number, to: number): boolean {
  for (const { fromRow, endRow } of place.existences) if (fromRow < from && to < endRow) return true;
  return false;
}
