import type { Host, TlsContext } from "../host.ts";
import type { PagePool } from "../queue/slab.ts";
import type { RecordBatch } from "../storage/batch.ts";
import type { BlockPool } from "../storage/blocks.ts";
import type { AuthServers } from "./auth/servers.ts";
import type { Backlog } from "./backlog.ts";
import type { Timestamp } from "./guid.ts";
import type { Health } from "./health.ts";
import type { NsqdOptions } from "./options.ts";
import type { Policies } from "./policy/index.ts";
import type { NsqdProbe } from "./probe.ts";

/** What all parts of one broker share. */
export interface Environment {
  readonly host: Host;
  readonly options: NsqdOptions;
  readonly policies: Policies;
  /** Null: nobody has to authenticate. */
  readonly auth: AuthServers | null;
  /** Null: there is no certificate. */
  readonly tls: TlsContext | null;
  /** Null: nobody is watching. */
  readonly probe: NsqdProbe | null;
  readonly pages: PagePool;
  /** Where records are gathered for a write. In use during one call only. */
  readonly batch: RecordBatch;
  readonly blocks: BlockPool;
  readonly health: Health;
  /** The wall clock at the latest message. */
  readonly time: Timestamp;
  /** A lasting topic or channel was created, deleted, paused or unpaused. */
  metadataChanged(): void;
  /** A topic or channel, ephemeral or not, came or went. `channel` "": the topic. */
  registrationChanged(topic: string, channel: string): void;
  /** Calls {@link Backlog.endOfStep} at the end of the step, before anything leaves for a client. */
  writeLater(backlog: Backlog): void;
}
