import type { ConsumerSpec, ProducerSpec, Scenario } from "../../sim/scenario/types.ts";

/** Every client of a scenario, with the nsqds it connects to. */
export function clientsOf({ producers, consumers }: Scenario): { readonly name: string; readonly nsqds: string[] }[] {
  return [...producers, ...consumers].map((client) => ({ name: client.name, nsqds: nsqdsOf(client) }));
}

/** Those that it is told, and that of its dead letters. */
function nsqdsOf(client: ProducerSpec | ConsumerSpec): string[] {
  const letters = "deadLetter" in client ? client.deadLetter?.nsqd : undefined;
  return [...new Set(letters === undefined ? client.nsqd : [...client.nsqd, letters])];
}
