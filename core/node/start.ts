import { type Host, HostError } from "../host.ts";
import { type NsqdAddresses, type NsqdProgram, startNsqd } from "../nsqd/nsqd.ts";
import type { NsqdOptions } from "../nsqd/options.ts";

export interface StartedNsqd {
  readonly program: NsqdProgram;
  readonly addresses: NsqdAddresses;
}

/** {@link startNsqd} as a promise. Rejects with the {@link HostError} that kept it from serving. */
export function startAndWait(host: Host, options: NsqdOptions): Promise<StartedNsqd> {
  return new Promise((resolve, reject) => {
    const program = startNsqd(host, options, {
      ready: (result) => {
        if (result instanceof HostError) reject(result);
        // `program` is there by then: an answer never comes within the call.
        else resolve({ program, addresses: result });
      },
    });
  });
}
