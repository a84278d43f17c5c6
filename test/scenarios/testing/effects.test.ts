import { describe, expect, test } from "vitest";
import { simulateAsync, type UserHandler } from "../../../scenarios/index.ts";
import { ClaimError, effectAtLeastOnce, effectAtMostOnce, effectOnce } from "../../../scenarios/testing/index.ts";
import type { Run } from "../../../sim/result.ts";
import { small } from "../../sim/small.ts";

/** What becomes of 100 orders of a shop whose handler is given, and whose consumer dies right after an effect. */
function shop(work: UserHandler): Promise<Run> {
  const [consumer] = small().consumers;
  const config = { ...consumer!.config, default_requeue_delay: "50ms", max_backoff_duration: "0s" };
  return simulateAsync(
    small({
      consumers: [{ ...consumer!, config, handler: { use: "work" } }],
      claims: { effect: { charge: "once", mail: "at-least-once" } },
      faults: [
        { trigger: { after: { kind: "effect", nth: 33 } }, do: { kind: "kill", process: "c1", restartAfterMs: 50 } },
      ],
    }),
    { handlers: { work } },
  );
}

function outcomes({ verdicts }: Run): string[] {
  return ["P13", "P14"].map((id) => verdicts.find(({ property }) => property === id)!.outcome);
}

/** A bank that knows payments by their key. */
function careful(): UserHandler {
  const paid = new Set<string>();
  return async (message, context) => {
    await context.sleep(5);
    if (!paid.has(message.text)) context.effect("charge");
    paid.add(message.text);
    await context.sleep(5);
    context.effect("mail");
    await context.sleep(5);
  };
}

describe("effects of handlers that are functions", () => {
  test("a handler that charges each order once, and mails at least once, keeps what is claimed", async () => {
    const run = await shop(careful());
    expect(outcomes(run)).toEqual(["pass", "pass"]);
    expect(effectOnce("charge")(run)).toBe(true);
    expect(effectAtLeastOnce("mail")(run)).toBe(true);
    expect(effectAtMostOnce("mail").refute(run)!.findings[0]!.text).toMatch(
      /^the effect "mail" of message \d+ on orders\/billing takes place again at .* by c1, attempt 2; before that/,
    );
  });

  test("one that dies between charge and FIN charges twice", async () => {
    const run = await shop(async (_message, context) => {
      context.effect("charge");
      await context.sleep(20);
      context.effect("mail");
    });
    expect(outcomes(run)).toEqual(["fail", "fail"]);
    expect(() => effectOnce("charge")(run)).toThrow(ClaimError);
    expect(effectAtLeastOnce("charge")(run)).toBe(true);
  });

  test("one that forgets an order never charges it", async () => {
    const run = await shop((message, context) => {
      if (!message.text.startsWith("7 ")) context.effect("charge");
    });
    const refutation = effectAtLeastOnce("charge").refute(run)!;
    expect(refutation).toMatchObject({ count: 1, findings: [{ msg: 7 }] });
    expect(refutation.findings[0]!.text).toContain('has no effect "charge" on orders/billing');
    expect(effectAtMostOnce("charge")(run)).toBe(true);
  });

  test("who tells of no effect has proven nothing", async () => {
    const run = await shop(() => null);
    expect(effectOnce().refute(run)!.findings[0]!.text).toMatch(/^no effect took place/);
    expect(outcomes(run)).toEqual(["unknown", "unknown"]);
  });
});
