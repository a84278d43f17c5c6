import { expect, test } from "vitest";
import { wrongBroadcastAddress } from "../../../scenarios/catalogue/wrong-broadcast-address.ts";
import { failuresOf } from "../../../sim/shrink/failure.ts";
import { tellStory } from "../../../sim/shrink/story.ts";
import { simulate } from "../../../sim/run.ts";

test("the story of a discovery that fails tells who was told what, and by whom", () => {
  const { expect: _, ...scenario } = wrongBroadcastAddress;
  const run = simulate({ ...scenario, oracles: ["P18"] });
  const [failure] = failuresOf(run);
  const story = tellStory(run, failure!).map((line) => line.replace(/^[\d.]+ s {2}/, ""));
  expect(story).toContain("operator asks nsqd2: create orders");
  expect(story).toContain("nsqd2 has done it: create orders");
  expect(story.at(-2)).toBe("c1 learns from nsqlookupd1: 172.17.0.2 nsqd1");
  expect(story.at(-1)).toMatch(/^c1 is told of nsqd2 \(172\.17\.0\.2\) at/);
});
