import fc from "fast-check";
import { RecordBatch } from "../../../core/storage/batch.ts";
import { BlockPool } from "../../../core/storage/blocks.ts";
import { DiskQueue, type DiskQueueSettings } from "../../../core/storage/diskqueue.ts";
import type { DiskQueuePolicy } from "../../../core/storage/policy.ts";
import { bytesOf, decodeUtf8 } from "../../../core/protocol/text.ts";
import type { SimFiles } from "../../../sim/disk/files.ts";
import type { TroubleKind } from "../../../sim/disk/trouble.ts";
import type { SimHost } from "../../../sim/host.ts";
import { ToyWorld } from "../toy-world.ts";

/** What befalls a disk queue and its disk. */
export type Action =
  | { readonly kind: "write"; readonly sizes: readonly number[] }
  | { readonly kind: "take"; readonly count: number }
  | { readonly kind: "pass"; readonly ms: number }
  | { readonly kind: "trouble"; readonly what: Weather }
  | { readonly kind: "restart"; readonly how: "stop" | "kill" | "dark" | "torn" }
  | { readonly kind: "calm" | "empty" };

type Weather = { readonly kind: "full"; readonly free: number } | Exclude<TroubleKind, { kind: "full" }>;

const weather: fc.Arbitrary<Weather> = fc.oneof(
  fc.record({ kind: fc.constant("full" as const), free: fc.nat(150) }),
  fc.record({
    kind: fc.constant("error" as const),
    on: fc.constantFrom("read" as const, "write" as const, "sync" as const),
  }),
  fc.constant({ kind: "no-descriptors" } as const),
  fc.constant({ kind: "slow", factor: 10 } as const),
);

export function actions(...how: ("stop" | "kill" | "dark" | "torn")[]): fc.Arbitrary<Action[]> {
  return fc.array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant("write" as const),
          sizes: fc.array(fc.integer({ min: 16, max: 60 }), { minLength: 1, maxLength: 6 }),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant("take" as const), count: fc.integer({ min: 1, max: 10 }) }),
      },
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.constantFrom(1, 3, 100, 2_500) }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant("trouble" as const), what: weather }) },
      { weight: 1, arbitrary: fc.constant({ kind: "calm" } as const) },
      { weight: 1, arbitrary: fc.constant({ kind: "empty" } as const) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant("restart" as const), how: fc.constantFrom(...how) }) },
    ),
    { maxLength: 40 },
  );
}

/** A disk queue of numbered texts on a simulated machine. Each text says itself whether it is whole. */
export class QueueOnDisk {
  /** The texts that the queue has taken, by number. */
  readonly accepted = new Map<number, string>();
  /** The texts that it has refused. */
  readonly refused = new Set<number>();
  /** Numbers in the order in which they were taken; -1: of something that nobody wrote. */
  readonly taken: number[] = [];
  private readonly world = new ToyWorld();
  private readonly files: SimFiles = this.world.filesOf("n");
  private readonly settings: DiskQueueSettings;
  private readonly blocks = new BlockPool(4);
  private readonly batch = new RecordBatch();
  private host: SimHost;
  private queue: DiskQueue;
  private incarnations = 0;
  private written = 0;
  private troubles: (() => void)[] = [];

  constructor(policy: DiskQueuePolicy) {
    this.settings = {
      maxBytesPerFile: 150,
      minRecord: 1,
      maxRecord: 1_000,
      syncEvery: 7,
      syncTimeout: 2_000_000,
      policy,
    };
    [this.host, this.queue] = this.start();
  }

  get depth(): number {
    return this.queue.depth;
  }

  get names(): string[] {
    return [...this.files.snapshot().keys()];
  }

  perform(action: Action): void {
    switch (action.kind) {
      case "write":
        for (const size of action.sizes) this.write(size);
        return undefined;
      case "take":
        for (let count = 0; count < action.count && this.take(); count += 1);
        return undefined;
      case "pass":
        return this.world.pass(action.ms);
      case "trouble":
        return this.begin(action.what);
      case "calm":
        return this.calm();
      case "empty":
        this.accepted.clear();
        return this.queue.empty();
      case "restart":
        return this.restart(action.how);
    }
  }

  /** No more trouble. */
  calm(): void {
    for (const end of this.troubles) end();
    this.troubles = [];
  }

  /** Long enough for every retry and every sync. */
  settle(): void {
    this.calm();
    this.world.pass(10_000);
  }

  /** Takes everything there is. */
  drain(): void {
    for (let idle = 0; idle < 3; idle += 1) {
      while (this.take()) idle = 0;
      this.world.pass(2_000);
    }
  }

  restart(how: "stop" | "kill" | "dark" | "torn"): void {
    // A daemon that cannot open its files does not start: see nsqd.dat.
    const { troubles } = this;
    this.troubles = [];
    if (how === "stop") {
      let isClosed = false;
      this.queue.close(() => {
        isClosed = true;
      });
      this.world.pass(2_000);
      if (!isClosed) throw new Error("close() did not end");
    }
    for (const end of troubles) end();
    this.host.kill();
    if (how === "dark" || how === "torn") this.files.losePower(how === "torn");
    [this.host, this.queue] = this.start();
  }

  private start(): [SimHost, DiskQueue] {
    const host = this.world.host("n", undefined, this.incarnations);
    this.incarnations += 1;
    return [host, new DiskQueue(host, "q", this.settings, this.blocks, () => {})];
  }

  private begin(what: Weather): void {
    const trouble: TroubleKind = what.kind === "full" ? { kind: "full", capacity: this.files.used + what.free } : what;
    this.troubles.push(this.files.trouble({ ...trouble, met: () => {} }));
  }

  private write(size: number): void {
    const number = this.written;
    this.written += 1;
    const text = textOf(number, size);
    const bytes = bytesOf(text);
    this.batch.clear();
    this.batch.bytes.set(bytes, this.batch.add(bytes.length));
    if (this.queue.write(this.batch, 0) === 1) this.accepted.set(number, text);
    else this.refused.add(number);
  }

  private take(): boolean {
    if (!this.queue.isReadable()) return false;
    const { bytes, at, length } = this.queue.head;
    const text = decodeUtf8(bytes.subarray(at, at + length));
    const number = Number(text.slice(0, 6));
    this.taken.push(text === textOf(number, length) ? number : -1);
    this.queue.take();
    return true;
  }
}

/** The number, then letters that only this number and size have. */
function textOf(number: number, size: number): string {
  let text = String(number).padStart(6, "0");
  for (let at = text.length; at < size; at += 1) text += String.fromCharCode(97 + ((number * 7 + size + at * 11) % 26));
  return text;
}
