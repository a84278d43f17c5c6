import type { Host } from "../../host.ts";
import type { NsqdAdmin } from "../admin.ts";
import type { MetadataKeeper } from "../metadata.ts";

/** The nsqlookupds that are told, as a list that can be changed. */
export interface LookupAddresses {
  readonly addresses: readonly string[];
  setAddresses(addresses: readonly string[]): void;
}

/** What the routes work on. */
export interface NsqdHttpContext {
  readonly host: Host;
  readonly admin: NsqdAdmin;
  readonly metadata: MetadataKeeper;
  readonly lookup: LookupAddresses;
  /** The addresses as bound. */
  addresses(): { readonly tcpAddress: string; readonly httpAddress: string };
}
