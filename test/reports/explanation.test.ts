import { describe, expect, test } from "vitest";
import { type Explanation, explanationSection } from "../../reports/explanation.ts";
import { History } from "../../sim/history.ts";

function history(): History {
  const made = new History();
  made.record({ atUs: 2_000_000, kind: "fault", process: "c1", peer: "nsqd1", detail: 1, text: "cut" });
  made.record({ atUs: 9_000_000, kind: "fault", process: "c1", peer: "nsqd1", detail: 1, text: "cut" });
  return made;
}

function explained(shares: readonly number[]): string {
  const curve = shares.map((failed, index) => ({ atUs: index * 1_000_000, reruns: 10, failed }));
  const explanation: Explanation = {
    failure: "P2: message 7 <lost>",
    story: ["message 7 on t/ch:", "0.100 s  p1 publishes"],
    decisive: "without faults[0] it does not happen",
    curve,
  };
  return explanationSection(explanation, history());
}

describe("why a run failed", () => {
  test("a point for every instant, a line for every fault before the failure", () => {
    const html = explained([2, 5, 5, 10, 10]);
    expect(html.match(/<circle/g)).toHaveLength(5);
    expect(html.match(/class="fault line"/g)).toHaveLength(1);
    expect(html).toContain("from 1.000 s on: 5 of 10 fail");
    expect(html).toContain("P2: message 7 &#60;lost&#62;");
    expect(html).toContain("Without faults[0] it does not happen.");
  });

  test.each([
    { shares: [2, 5, 5, 10, 10], says: "It was certain from 3.000 s on." },
    { shares: [10, 10], says: "Chance decides nothing" },
    { shares: [10, 5], says: "It was certain at none of them." },
    { shares: [10], says: "Chance decides nothing" },
  ])("$shares: $says", ({ shares, says }) => {
    const html = explained(shares);
    expect(html).toContain(says);
    expect(html).not.toContain("NaN");
  });
});
