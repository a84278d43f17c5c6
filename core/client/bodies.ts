const SLAB_BYTES = 16_384;

/** Larger ones get memory of their own, so that a message kept for long holds little but itself. */
const LARGEST_SHARED = 1_024;

/**
 * Copies message bodies out of what is about to be overwritten. Small ones share a slab: making a view costs a fraction
 * of making a buffer. Nothing is ever overwritten.
 */
export class BodyStore {
  private slab = new Uint8Array(0);
  private used = 0;

  copy(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const length = end - start;
    if (length > LARGEST_SHARED) return bytes.slice(start, end);
    if (this.used + length > this.slab.length) {
      this.slab = new Uint8Array(SLAB_BYTES);
      this.used = 0;
    }
    const { slab, used } = this;
    this.used = used + length;
    if (length <= 64) for (let at = 0; at < length; at += 1) slab[used + at] = bytes[start + at]!;
    else slab.set(bytes.subarray(start, end), used);
    return slab.subarray(used, used + length);
  }
}
