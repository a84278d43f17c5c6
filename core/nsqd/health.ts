import type { HostError } from "../host.ts";

/** Whether the latest write of any disk queue worked (nsqd-semantics §12). Nothing else counts. */
export class Health {
  private error: string | null = null;

  /** A disk queue was written, or could not be. */
  wrote(error: HostError | null): void {
    this.error = error === null ? null : error.message;
  }

  /** `OK`, or `NOK - <error>`. */
  get text(): string {
    return this.error === null ? "OK" : `NOK - ${this.error}`;
  }
}
