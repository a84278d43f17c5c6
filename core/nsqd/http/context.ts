import type { Host } from "../../host.ts";
import type { NsqdAdmin } from "../admin.ts";
import type { MetadataKeeper } from "../metadata.ts";

/** What the routes work on. */
export interface NsqdHttpContext {
  readonly host: Host;
  readonly admin: NsqdAdmin;
  readonly metadata: MetadataKeeper;
  /** The addresses as bound. */
  addresses(): { readonly tcpAddress: string; readonly httpAddress: string };
}
