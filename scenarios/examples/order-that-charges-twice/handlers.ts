import type { SteppedHandler } from "../../testing/crash-points.ts";
import type { Shop } from "./shop.ts";

interface Order {
  readonly order: string;
  readonly cents: number;
}

/**
 * As many handlers are written: look whether it was done, do it, note that it was done. It charges twice when it dies
 * between the charge and the note, or when both deliveries look before either has noted; and a customer whose order was
 * noted just before a crash never gets a receipt.
 */
export const chargesTwice: SteppedHandler<Shop> = async (message, { step }, shop) => {
  const { order, cents } = JSON.parse(message.text) as Order;
  if (await step("look up", () => shop.isPaid(order))) return;
  await step("charge", () => shop.charge(cents));
  await step("mark paid", () => shop.markPaid(order));
  await step("send receipt", () => shop.sendReceipt(order));
};

/**
 * The same, mended: the bank gets a key by which it knows the payment again, and the note that all is done is written
 * when all is done. A receipt may still be sent twice, which is the price of never forgetting one.
 */
export const chargesOnce: SteppedHandler<Shop> = async (message, { step }, shop) => {
  const { order, cents } = JSON.parse(message.text) as Order;
  if (await step("look up", () => shop.isPaid(order))) return;
  await step("charge", () => shop.charge(cents, order));
  await step("send receipt", () => shop.sendReceipt(order));
  await step("mark paid", () => shop.markPaid(order));
};
