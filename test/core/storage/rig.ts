import { RecordBatch } from "../../../core/storage/batch.ts";
import { BlockPool } from "../../../core/storage/blocks.ts";
import { DiskQueue, type DiskQueueSettings } from "../../../core/storage/diskqueue.ts";
import { REPAIRED } from "../../../core/storage/policy.ts";
import { bytesOf, decodeUtf8 } from "../../../core/protocol/text.ts";
import { FakeHost } from "../nsqd/fake-host.ts";
import type { FaultyFiles } from "./faulty-files.ts";

const SETTINGS: DiskQueueSettings = {
  maxBytesPerFile: 1000,
  minRecord: 1,
  maxRecord: 100_000,
  syncEvery: 2500,
  syncTimeout: 2_000_000,
  policy: REPAIRED,
};

/** A disk queue of texts on a host turned by hand. */
export class QueueRig {
  host: FakeHost;
  queue: DiskQueue;
  readable = 0;
  private readonly settings: DiskQueueSettings;
  private readonly blocks = new BlockPool(4);
  private readonly batch = new RecordBatch();

  constructor(settings: Partial<DiskQueueSettings> = {}, host = new FakeHost()) {
    this.settings = { ...SETTINGS, ...settings };
    this.host = host;
    this.queue = this.open();
  }

  /** Writes the texts in one batch. Returns how many were taken. */
  write(...texts: string[]): number {
    this.batch.clear();
    for (const text of texts) {
      const bytes = bytesOf(text);
      const at = this.batch.add(bytes.length);
      this.batch.bytes.set(bytes, at);
    }
    return this.queue.write(this.batch, 0);
  }

  take(): string | null {
    if (!this.queue.isReadable()) return null;
    const { bytes, at, length } = this.queue.head;
    const text = decodeUtf8(bytes.subarray(at, at + length));
    this.queue.take();
    return text;
  }

  takeAll(): string[] {
    const texts: string[] = [];
    for (let text = this.take(); text !== null; text = this.take()) texts.push(text);
    return texts;
  }

  /** kill -9 and a new start over the same files, which `prepare` gets first. */
  crash(prepare: (files: FaultyFiles) => void = () => {}): void {
    const files = this.host.files.restarted();
    prepare(files);
    this.host = new FakeHost(files);
    this.queue = this.open();
  }

  /** A clean stop and a new start. */
  restart(): void {
    let isClosed = false;
    this.queue.close(() => {
      isClosed = true;
    });
    this.host.files.complete();
    if (!isClosed) throw new Error("close() did not end");
    this.crash();
  }

  get names(): string[] {
    return this.host.files.disk.names();
  }

  text(name: string): string {
    return decodeUtf8(this.host.files.disk.find(name)!.copy());
  }

  private open(): DiskQueue {
    return new DiskQueue(this.host, "q", this.settings, this.blocks, () => {
      this.readable += 1;
    });
  }
}
