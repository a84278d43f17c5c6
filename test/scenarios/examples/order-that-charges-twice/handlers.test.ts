import { expect, test } from "vitest";
import { chargesOnce, chargesTwice } from "../../../../scenarios/examples/order-that-charges-twice/handlers.ts";
import { openShop, type Shop } from "../../../../scenarios/examples/order-that-charges-twice/shop.ts";
import { describeCrashPoints, findCrashPoints, type SteppedHandler } from "../../../../scenarios/testing/index.ts";

function explore(handler: SteppedHandler<Shop>) {
  return findCrashPoints({ handler, world: openShop, body: '{"order":"4711","cents":1999}' });
}

test("the usual handler charges twice, and can forget the receipt", async () => {
  const found = await explore(chargesTwice);
  expect(found.stories).toHaveLength(1 + 5 + 70);
  expect(describeCrashPoints(found).split("\n")).toEqual([
    "4 steps (look up, charge, mark paid, send receipt), 76 stories",
    "",
    "  charge: 1 to 2 times; it can happen TWICE",
    '    twice: the consumer dies after "charge", before "mark paid", and gets the message again',
    "      1 look up → 1 charge → crash → 2 look up → 2 charge → 2 mark paid → 2 send receipt",
    "",
    "  receipt: 0 to 2 times; it can happen TWICE or NEVER",
    expect.stringContaining(
      "    twice: the message times out, and two deliveries are handled at once: 1 look up, 2 look up",
    ),
    expect.stringContaining("      1 look up → 2 look up → 2 charge"),
    '    never: the consumer dies after "mark paid", before "send receipt", and gets the message again',
    "      1 look up → 1 charge → 1 mark paid → crash → 2 look up",
  ]);
});

test("the mended one charges once whatever happens, and never forgets the receipt", async () => {
  const { effects } = await explore(chargesOnce);
  expect(effects.map(({ effect, fewest, most }) => ({ effect, fewest, most }))).toEqual([
    { effect: "charge", fewest: 1, most: 1 },
    { effect: "receipt", fewest: 1, most: 2 },
  ]);
});
