import { describe, expect, test } from "vitest";
import { History, type HistoryEvent } from "../../../sim/history.ts";
import { judge } from "../../../sim/oracles/index.ts";
import { buildLedger } from "../../../sim/oracles/ledger.ts";
import { simulate } from "../../../sim/run.ts";
import { PROPERTY_IDS, type PropertyId } from "../../../sim/scenario/types.ts";
import { SAMPLE } from "./sample.ts";

const RUN = simulate(SAMPLE);
const EVENTS = [...RUN.history.events()];

/** Nothing in the sample concerns these: tests of their own break histories for them. */
const ELSEWHERE = ["P3", "P12", "P13", "P14", "P15", "P18"];

type Edit = (events: HistoryEvent[]) => HistoryEvent[];

/** The recorded history after an edit, in the order of time. */
function edited(edit: Edit): History {
  const history = new History();
  const events = edit([...EVENTS]);
  const order = events.map((event, index) => ({ event, index }));
  order.sort((a, b) => a.event.atUs - b.event.atUs || a.index - b.index);
  for (const { event } of order) history.record(event);
  return history;
}

function failures(history: History, secondHash?: string): PropertyId[] {
  const evidence = { scenario: SAMPLE, history, world: "sim", slackUs: 0 } as const;
  const verdicts = judge(secondHash === undefined ? evidence : { ...evidence, secondHash });
  return verdicts.filter(({ outcome }) => outcome === "fail").map(({ property }) => property);
}

function find(matches: (event: HistoryEvent) => boolean): HistoryEvent {
  const event = EVENTS.find(matches);
  if (event === undefined) throw new Error("the sample has no such event");
  return event;
}

/** The first delivery on `shipping` of a message that went to one consumer once. */
const SHIPPED = find(({ kind, place, msg }) => kind === "deliver" && place === "orders/shipping" && msg === 8);
const FINISHED = find(({ kind, place, msg }) => kind === "finish" && place === "orders/shipping" && msg === 8);
const REQUEUED = find(({ kind, value }) => kind === "requeue" && value === 100_000);
const AGAIN = find(({ kind, place, msg, value }) => {
  return kind === "deliver" && msg === REQUEUED.msg && place === REQUEUED.place && value === 2;
});

function replace(what: HistoryEvent, changes: Partial<HistoryEvent>): Edit {
  return (events) => events.map((event) => (event === what ? { ...event, ...changes } : event));
}

function without(drops: (event: HistoryEvent) => boolean): Edit {
  return (events) => events.filter((event) => !drops(event));
}

function also(event: HistoryEvent, changes: Partial<HistoryEvent>): Edit {
  return (events) => [...events, { ...event, ...changes }];
}

/** What happened to a broken recording, and who must notice. */
const MUTATIONS: readonly { name: string; caught: PropertyId; edit: Edit }[] = [
  { name: "a delivery of a message that was never published", caught: "P1", edit: replace(SHIPPED, { msg: 77 }) },
  { name: "a delivery on a topic it was not published to", caught: "P1", edit: replace(SHIPPED, { place: "bills/x" }) },
  { name: "two ids for one message", caught: "P1", edit: replace(SHIPPED, { id: "00000000deadbeef" }) },
  {
    name: "a message that never arrives on one channel",
    caught: "P2",
    edit: without(({ msg, place, kind }) => msg === 8 && place === "orders/shipping" && !kind.startsWith("broker")),
  },
  {
    name: "the same, seen as a hole in the fan-out",
    caught: "P10",
    edit: without(({ msg, place, kind }) => msg === 8 && place === "orders/shipping" && !kind.startsWith("broker")),
  },
  {
    name: "a message that was finished comes again",
    caught: "P4",
    edit: also(SHIPPED, { atUs: FINISHED.atUs + 2_000_000, value: 2 }),
  },
  {
    name: "a message goes to two consumers at once",
    caught: "P5",
    edit: also(
      find(({ kind, process, value }) => kind === "deliver" && process === "c1" && value === 1),
      { process: "c2", value: 2 },
    ),
  },
  { name: "a requeued message comes 2 ms early", caught: "P6", edit: replace(AGAIN, { atUs: AGAIN.atUs - 2_000 }) },
  {
    name: "a message comes 50 ms after its publish, beside an idle consumer",
    caught: "P7",
    edit: (events) => {
      const { msg, atUs, place } = SHIPPED;
      return events.map((event) => {
        const isMoved = event.msg === msg && event.place === place && event.atUs >= atUs;
        return isMoved ? { ...event, atUs: event.atUs + 15_000 } : event;
      });
    },
  },
  { name: "attempts jump by two", caught: "P8", edit: replace(AGAIN, { value: 3 }) },
  { name: "attempts stay at one", caught: "P8", edit: replace(AGAIN, { value: 1 }) },
  { name: "a first delivery that says 2", caught: "P8", edit: replace(SHIPPED, { value: 2 }) },
  {
    name: "a consumer that asked for less than it got",
    caught: "P9",
    edit: (events) => {
      return events.map((event) => (event.kind === "rdy" && event.process === "c1" ? { ...event, value: 1 } : event));
    },
  },
  {
    name: "a consumer that asks for more than its max-in-flight",
    caught: "P9",
    edit: replace(
      find(({ kind, process }) => kind === "rdy" && process === "c2"),
      { value: 3 },
    ),
  },
  {
    name: "a channel that gets what was published before it existed",
    caught: "P10",
    edit: (events) => {
      const first = find(({ kind, place }) => kind === "deliver" && place === "orders/late");
      return [
        ...events,
        { ...first, msg: 2, id: "" },
        { ...first, kind: "finish", msg: 2, atUs: first.atUs + 1_000, id: "" },
      ];
    },
  },
  {
    name: "a consumer with room that gets nothing, beside one that does",
    caught: "P11",
    edit: without(({ kind, process }) => process === "c2" && !["connect", "subscribe", "rdy"].includes(kind)),
  },
  {
    name: "a gauge that says one too many",
    caught: "P16",
    edit: (events) => {
      const last = events.findLast(({ kind, text, place }) => {
        return kind === "gauge" && text === "depth" && place === "orders/billing";
      })!;
      return replace(last, { value: last.value + 1 })(events);
    },
  },
  {
    name: "a gauge below zero",
    caught: "P16",
    edit: replace(
      find(({ kind, text }) => kind === "gauge" && text === "deferred"),
      { value: -1 },
    ),
  },
  {
    name: "a message that is still queued at the end beside a ready consumer",
    caught: "P17",
    edit: (events) => {
      const gone = without(({ msg, place, seq, kind }) => {
        return msg === AGAIN.msg && place === AGAIN.place && seq >= AGAIN.seq && !kind.startsWith("broker");
      })(events);
      return gone.map((event) => {
        const isLast = event.kind === "gauge" && event.text === "depth" && event.place === AGAIN.place;
        return isLast ? { ...event, value: event.value + 1 } : event;
      });
    },
  },
];

describe("a recorded history with something wrong in it", () => {
  test("unchanged, nothing fails", () => {
    expect(failures(edited((events) => events))).toEqual([]);
  });

  test.each(MUTATIONS)("$name: $caught", (mutation) => {
    expect(failures(edited(mutation.edit))).toContain(mutation.caught);
  });

  test("another run's hash: P21", () => {
    expect(failures(RUN.history, RUN.hash)).toEqual([]);
    expect(failures(RUN.history, edited(replace(SHIPPED, { value: 2 })).hash())).toEqual(["P21"]);
  });

  test("every oracle is tried", () => {
    const tried = new Set<string>([...MUTATIONS.map(({ caught }) => caught), ...ELSEWHERE, "P21"]);
    expect(PROPERTY_IDS.filter((id) => !tried.has(id))).toEqual([]);
  });

  test("white-box rows are not evidence: without them the verdicts and the ledger are the same", () => {
    const history = edited(without(({ kind }) => kind.startsWith("broker")));
    const evidence = { scenario: SAMPLE, history, world: "sim", slackUs: 0 } as const;
    expect(judge(evidence).map(({ outcome, summary }) => [outcome, summary])).toEqual(
      RUN.verdicts.map(({ outcome, summary }) => [outcome, summary]),
    );
    const texts = (ledger: typeof RUN.ledger): string[] => ledger.duplicates.map(({ text }) => text);
    expect(texts(buildLedger(evidence))).toEqual(texts(RUN.ledger));
  });
});
