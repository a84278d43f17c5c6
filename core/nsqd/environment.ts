import type { Host } from "../host.ts";
import type { PagePool } from "../queue/slab.ts";
import type { Timestamp } from "./guid.ts";
import type { NsqdOptions } from "./options.ts";
import type { Policies } from "./policy/index.ts";
import type { NsqdProbe } from "./probe.ts";

/** What all parts of one broker share. */
export interface Environment {
  readonly host: Host;
  readonly options: NsqdOptions;
  readonly policies: Policies;
  /** Null: nobody is watching. */
  readonly probe: NsqdProbe | null;
  readonly pages: PagePool;
  /** The wall clock at the latest message. */
  readonly time: Timestamp;
  /** A lasting topic or channel was created, deleted, paused or unpaused. */
  metadataChanged(): void;
}
