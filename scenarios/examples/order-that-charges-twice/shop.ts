/** What lies outside the consumer of orders, in memory: a bank, a database, a mail server. */
export interface Shop {
  isPaid(order: string): boolean;
  markPaid(order: string): void;
  /** Takes the money. The bank knows payments by their key, if they have one, and takes each only once. */
  charge(cents: number, key?: string): void;
  sendReceipt(order: string): void;
}

/** @param effect is told what cannot be taken back: money taken, a mail sent */
export function openShop(effect: (name: string) => void): Shop {
  const paid = new Set<string>();
  const payments = new Set<string>();
  return {
    isPaid: (order) => paid.has(order),
    markPaid: (order) => void paid.add(order),
    charge: (_cents, key) => {
      if (key !== undefined && payments.has(key)) return;
      if (key !== undefined) payments.add(key);
      effect("charge");
    },
    sendReceipt: () => effect("receipt"),
  };
}
