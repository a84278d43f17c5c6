import { HostError } from "../../core/host.ts";

/** What is wrong with a disk while it lasts. */
export type TroubleKind =
  /** It takes so many bytes in all and no more: ENOSPC. */
  | { readonly kind: "full"; readonly capacity: number }
  /** EIO. */
  | { readonly kind: "error"; readonly on: "read" | "write" | "sync" }
  /** Nothing can be opened: EMFILE. */
  | { readonly kind: "no-descriptors" }
  /** Everything that takes time takes so many times as long. */
  | { readonly kind: "slow"; readonly factor: number };

export type Trouble = TroubleKind & {
  /** An operation has run into it. */
  readonly met: () => void;
};

/** What a part of an operation needs of the disk. */
export type Need = "read" | "write" | "sync" | "open";

const REASONS: Readonly<Record<string, string>> = {
  EIO: "i/o error",
  EMFILE: "too many open files",
  ENOSPC: "no space left on device",
};

/** The troubles of a disk, and who is told when an operation fails by them. */
export class Troubles {
  /** Told of every failure: `write`, a file, `ENOSPC`. */
  failed: ((operation: string, name: string, code: string) => void) | null = null;
  private readonly now = new Set<Trouble>();

  /** Returns what ends it. */
  begin(trouble: Trouble): () => void {
    this.now.add(trouble);
    return () => this.now.delete(trouble);
  }

  /** The error of an operation with these needs, or null. */
  refusal(operation: string, name: string, needs: readonly Need[]): HostError | null {
    if (this.now.size === 0) return null;
    for (const need of needs) {
      for (const trouble of this.now) {
        const code = codeOf(trouble, need);
        if (code !== null) return this.fail(trouble, operation, name, code);
      }
    }
    return null;
  }

  /** How many of `wanted` bytes more find room, when so many are in use. Fewer than all: the write is to {@link overflow}. */
  room(wanted: number, used: () => number): number {
    if (this.now.size === 0) return wanted;
    let room = wanted;
    for (const trouble of this.now) {
      if (trouble.kind === "full") room = Math.max(0, Math.min(room, trouble.capacity - used()));
    }
    return room;
  }

  /** The error of a write that has found no {@link room}. */
  overflow(operation: string, name: string): HostError {
    let narrowest: (Trouble & { kind: "full" }) | null = null;
    for (const trouble of this.now) {
      if (trouble.kind === "full" && (narrowest === null || trouble.capacity < narrowest.capacity)) narrowest = trouble;
    }
    return this.fail(narrowest!, operation, name, "ENOSPC");
  }

  /** How many times as long something takes: as the slowest of the faults in force has it. */
  slowness(): number {
    let factor = 1;
    for (const trouble of this.now) {
      if (trouble.kind !== "slow") continue;
      factor = Math.max(factor, trouble.factor);
      trouble.met();
    }
    return factor;
  }

  private fail(trouble: Trouble, operation: string, name: string, code: string): HostError {
    trouble.met();
    this.failed?.(operation, name, code);
    return new HostError(code, `${code}: ${REASONS[code]}, ${operation} '${name}'`);
  }
}

function codeOf(trouble: Trouble, need: Need): string | null {
  if (trouble.kind === "error") return trouble.on === need ? "EIO" : null;
  return trouble.kind === "no-descriptors" && need === "open" ? "EMFILE" : null;
}
