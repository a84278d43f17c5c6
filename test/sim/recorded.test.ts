import { describe, expect, test } from "vitest";
import { findScenario } from "../../scenarios/catalogue/index.ts";
import { historyLines } from "../../scenarios/commands/document.ts";
import { inferScenario } from "../../sim/infer.ts";
import { judge } from "../../sim/oracles/index.ts";
import { HistoryFormatError, readHistory } from "../../sim/recorded.ts";
import { simulate } from "../../sim/run.ts";
import { validateScenario } from "../../sim/scenario/validate.ts";

const PUBLISH = { atUs: 5, kind: "publish", process: "p", peer: "n", place: "t", msg: 1 };
const DELIVER = { ...PUBLISH, kind: "deliver", process: "c", place: "t/c", conn: 0 };

function lines(...events: readonly (object | string)[]): string {
  return events.map((event) => (typeof event === "string" ? event : JSON.stringify(event))).join("\n");
}

function complaint(text: string): string {
  try {
    readHistory(text);
  } catch (error) {
    expect(error).toBeInstanceOf(HistoryFormatError);
    return (error as Error).message;
  }
  throw new Error("it was read");
}

describe("a recorded history", () => {
  test.each(["lost-fin", "pause-survives-kill", "pipelined-neighbours", "late-fin-finishes-second-run"])(
    "%s: read back, it is the same, and judged the same",
    (name) => {
      const { history, scenario, verdicts } = simulate(findScenario(name)!);
      const back = readHistory(historyLines(history));
      expect(historyLines(back)).toBe(historyLines(history));
      expect(judge({ scenario, history: back, world: "sim", slackUs: 0 })).toEqual(verdicts);
    },
  );

  test("fields may be left out, and lines empty", () => {
    const history = readHistory(`\n${JSON.stringify(PUBLISH)}\r\n\n`);
    expect([...history.events()]).toEqual([{ ...PUBLISH, seq: 0, conn: -1, value: 0, detail: 0, text: "", id: "" }]);
  });

  test.each([
    ["", "line 1: nothing; expected an event: there is none"],
    [lines(PUBLISH, "{"), 'line 2: "{"; expected a JSON object'],
    [lines(PUBLISH, "7"), "line 2: 7; expected an object with atUs, kind,"],
    [
      lines("", { ...PUBLISH, kind: "publsh" }),
      'line 2, kind: "publsh"; expected a kind of event: did you mean "publish"?',
    ],
    [lines({ ...PUBLISH, atUs: "5" }), 'line 1, atUs: "5"; expected a number of at least 0'],
    [lines({ ...PUBLISH, proces: "p" }), 'line 1, proces: "p"; expected no such field here: did you mean "process"?'],
    [lines(PUBLISH, { ...PUBLISH, atUs: 4 }), "line 2, atUs: 4; expected no time before that of the event above, 5"],
    [lines({ ...PUBLISH, msg: -1 }), "line 1, msg: -1; expected an integer from 0 to 16777215"],
    [lines({ ...PUBLISH, msg: 1e9 }), "line 1, msg: 1000000000; expected an integer from -1 to 16777215"],
    [lines({ ...PUBLISH, place: "t/c" }), 'line 1, place: "t/c"; expected a topic'],
    [lines({ ...DELIVER, place: "t" }), 'line 1, place: "t"; expected topic/channel'],
    [lines({ ...DELIVER, peer: undefined }), "line 1, peer: nothing; expected the name of a process"],
    [lines({ ...DELIVER, id: "12" }), 'line 1, id: "12"; expected 16 hexadecimal digits in lower case, or nothing'],
  ])("%j is refused", (text, message) => {
    expect(complaint(text)).toContain(message);
  });

  test("of many mistakes the first are told", () => {
    expect(complaint("x\n".repeat(1_000)).split("\n")).toHaveLength(20);
  });

  test("shows the scenario that it may come from", () => {
    const rdy = { ...DELIVER, kind: "rdy", msg: -1 };
    const history = readHistory(
      lines(
        PUBLISH,
        { ...PUBLISH, msg: 2, peer: "m", place: "u" },
        { ...rdy, value: 3 },
        { ...rdy, peer: "m", conn: 1, value: 2 },
        { ...DELIVER, atUs: 10_000 },
        { ...rdy, kind: "close", atUs: 11_000 },
        { ...rdy, conn: 2, value: 1, atUs: 2_000_000 },
      ),
    );
    const scenario = inferScenario(history);
    expect(validateScenario(scenario)).toMatchObject({
      durationMs: 2_000,
      nsqd: [{ name: "n" }, { name: "m" }],
      producers: [
        {
          name: "p",
          nsqd: ["n", "m"],
          workload: [
            { topic: "t", count: 1 },
            { topic: "u", count: 1 },
          ],
        },
      ],
      consumers: [{ name: "c", nsqd: ["n", "m"], topic: "t", channel: "c", maxInFlight: 5 }],
    });
  });
});
