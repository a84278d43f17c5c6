import { assert } from "../../assert.ts";
import type { NsqdOptions } from "../options.ts";
import type { ClientPicker, Pickable } from "./picker.ts";

/** How near a client is: in the zone of this nsqd, in its region, or anywhere (nsqd-semantics §14). */
export type Nearness = "zone" | "region" | "anywhere";

/** A client whose nearness is known, and does not change while it is in a picker. */
export interface Placed<T> extends Pickable<T> {
  readonly nearness: Nearness;
}

/** Whether near clients come first. */
export function prefersNear(options: NsqdOptions): boolean {
  return options.experiments.includes("topology-aware-consumption");
}

/** As in nsqd, a client that does not say where it is, is near an nsqd that does not either. */
export function nearnessOf(zone: string, region: string, options: NsqdOptions): Nearness {
  if (!prefersNear(options)) return "anywhere";
  if (zone === options.topologyZone) return "zone";
  return region === options.topologyRegion ? "region" : "anywhere";
}

/**
 * The nearest first: those further away get a message only while nobody nearer is ready. In nsqd that holds for messages
 * that find a client waiting, while a backlog goes to whoever comes; here it holds for both.
 */
export class NearestPicker<T extends Placed<T>> implements ClientPicker<T> {
  private readonly byNearness: Readonly<Record<Nearness, ClientPicker<T>>>;
  size = 0;

  constructor(newPicker: () => ClientPicker<T>) {
    this.byNearness = { zone: newPicker(), region: newPicker(), anywhere: newPicker() };
  }

  add(client: T): void {
    this.byNearness[client.nearness].add(client);
    this.size += 1;
  }

  remove(client: T): void {
    this.byNearness[client.nearness].remove(client);
    this.size -= 1;
  }

  next(): T {
    assert(this.size > 0, "nobody to pick");
    const { zone, region, anywhere } = this.byNearness;
    return zone.size > 0 ? zone.next() : region.size > 0 ? region.next() : anywhere.next();
  }
}
