import zlib from "node:zlib";

/** What a {@link DeflateLayer} asks of its stream, and tells it. */
export interface DeflateOwner {
  /** Compressed bytes, for the socket. */
  sendCompressed(bytes: Uint8Array): void;
  /** All that was written has been compressed and sent. */
  allCompressed(): void;
  /** Everything was sent, and nothing more will be. */
  compressionEnded(): void;
  /** What the peer said; valid only during the call. */
  takePlain(bytes: Uint8Array): void;
  /** The peer says no more. */
  plainEnded(): void;
  /** The peer's bytes are no deflate. */
  garbled(): void;
  /** Whether what was received waits for its decompression, so that no more should come. */
  decompressionFull(isFull: boolean): void;
}

const { Z_SYNC_FLUSH } = zlib.constants;

/**
 * Raw DEFLATE both ways, every write flushed (protocol §12). Node compresses beside the event loop: what is written in
 * one step leaves in a later one, in order. What is decompressed comes in pieces of 16 KiB, and no piece before the one
 * ahead of it was taken: a small bomb stays small.
 */
export class DeflateLayer {
  private readonly owner: DeflateOwner;
  private readonly deflate: zlib.DeflateRaw;
  private readonly inflate: zlib.InflateRaw;
  private isClosed = false;

  constructor(owner: DeflateOwner, level: number) {
    this.owner = owner;
    this.deflate = zlib.createDeflateRaw({ level, flush: Z_SYNC_FLUSH });
    this.deflate.on("data", (bytes: Buffer) => {
      if (!this.isClosed) owner.sendCompressed(bytes);
    });
    this.deflate.on("end", () => {
      if (!this.isClosed) owner.compressionEnded();
    });
    // Peers just close: a stream without its last block is no error.
    this.inflate = zlib.createInflateRaw({ flush: Z_SYNC_FLUSH, finishFlush: Z_SYNC_FLUSH });
    this.inflate.on("data", (bytes: Buffer) => {
      if (!this.isClosed) owner.takePlain(bytes);
    });
    this.inflate.on("drain", () => {
      if (!this.isClosed) owner.decompressionFull(false);
    });
    this.inflate.on("end", () => {
      if (!this.isClosed) owner.plainEnded();
    });
    this.inflate.on("error", () => {
      if (!this.isClosed) owner.garbled();
    });
  }

  /** Bytes that were written and are not compressed yet. */
  get unsentBytes(): number {
    return this.deflate.writableLength;
  }

  get hasEnded(): boolean {
    return this.deflate.writableEnded;
  }

  write(bytes: Uint8Array): void {
    this.deflate.write(bytes, () => {
      if (!this.isClosed && this.deflate.writableLength === 0) this.owner.allCompressed();
    });
  }

  end(): void {
    this.deflate.end();
  }

  /** Copies what it is given. */
  receive(bytes: Uint8Array): void {
    if (!this.inflate.writableEnded && !this.inflate.write(Buffer.from(bytes))) this.owner.decompressionFull(true);
  }

  receivedAll(): void {
    this.inflate.end();
  }

  pause(): void {
    this.inflate.pause();
  }

  resume(): void {
    this.inflate.resume();
  }

  /** No calls come any more. */
  close(): void {
    this.isClosed = true;
    this.deflate.close();
    this.inflate.close();
  }
}
