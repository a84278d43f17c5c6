import type { FileStore, HostError } from "../core/host.ts";
import { MILLISECOND, type Micros } from "../core/time.ts";
import type { Agenda } from "./clock.ts";
import type { Station } from "./network/station.ts";

/** What is read at the start of a process is in the page cache. */
const READ_TIME: Micros = 0;
/** A temporary file, a sync, a rename. */
const REPLACE_TIME: Micros = 2 * MILLISECOND;

/** The small files of one machine. They outlive the process; a replacement that was not completed never happened. */
export class SimFiles {
  private readonly agenda: Agenda;
  private readonly contents = new Map<string, Uint8Array>();

  constructor(agenda: Agenda) {
    this.agenda = agenda;
  }

  /** What one incarnation of the process sees. */
  store(host: Station & { readonly alive: boolean }): FileStore {
    const later = (delay: Micros, act: () => () => void): void => {
      this.agenda.add(this.agenda.now + delay, {
        due: () => {
          if (host.alive) host.take({ run: act() });
        },
      });
    };
    // A disk serves one request at a time: completions keep the order of the calls.
    let busyUntil = 0;
    const queue = (time: Micros, act: () => () => void): void => {
      busyUntil = Math.max(busyUntil, this.agenda.now) + time;
      later(busyUntil - this.agenda.now, act);
    };
    return {
      read: (name, done: (result: HostError | Uint8Array | null) => void) =>
        queue(READ_TIME, () => {
          const found = this.contents.get(name)?.slice() ?? null;
          return () => done(found);
        }),
      replace: (name, bytes, done) => {
        const copy = bytes.slice();
        queue(REPLACE_TIME, () => {
          this.contents.set(name, copy);
          return () => done(null);
        });
      },
    };
  }
}
