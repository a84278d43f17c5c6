import { inflateSync } from "node:zlib";

const SIGNATURE_LENGTH = 8;

/** Counts the colours of a PNG as Chromium writes it: 8 bits, RGB or RGBA, not interlaced. */
export function coloursOf(png: Buffer): { readonly distinct: number; readonly commonest: string } {
  const { width, height, channels, data } = unpack(png);
  const stride = width * channels;
  const lines = new Uint8Array(stride * height);
  for (let y = 0; y < height; y += 1) unfilter(data, lines, y, stride, channels);
  const counts = new Map<number, number>();
  for (let at = 0; at < lines.length; at += channels) {
    const colour = (lines[at]! << 16) | (lines[at + 1]! << 8) | lines[at + 2]!;
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const [commonest] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a));
  return { distinct: counts.size, commonest: `${commonest >> 16},${(commonest >> 8) & 255},${commonest & 255}` };
}

function unpack(png: Buffer): { width: number; height: number; channels: number; data: Buffer } {
  let width = 0;
  let height = 0;
  let channels = 0;
  const parts: Buffer[] = [];
  for (let at = SIGNATURE_LENGTH; at < png.length;) {
    const length = png.readUInt32BE(at);
    const type = png.toString("latin1", at + 4, at + 8);
    const body = png.subarray(at + 8, at + 8 + length);
    if (type === "IHDR") {
      width = body.readUInt32BE(0);
      height = body.readUInt32BE(4);
      channels = body[9] === 6 ? 4 : 3;
    }
    if (type === "IDAT") parts.push(body);
    at += length + 12;
  }
  return { width, height, channels, data: inflateSync(Buffer.concat(parts)) };
}

function unfilter(data: Buffer, lines: Uint8Array, y: number, stride: number, channels: number): void {
  const filter = data[y * (stride + 1)]!;
  const from = y * (stride + 1) + 1;
  for (let x = 0; x < stride; x += 1) {
    const left = x < channels ? 0 : lines[y * stride + x - channels]!;
    const above = y === 0 ? 0 : lines[(y - 1) * stride + x]!;
    const corner = y === 0 || x < channels ? 0 : lines[(y - 1) * stride + x - channels]!;
    const guess = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter]!;
    lines[y * stride + x] = data[from + x]! + guess;
  }
}

function paeth(left: number, above: number, corner: number): number {
  const estimate = left + above - corner;
  const a = Math.abs(estimate - left);
  const b = Math.abs(estimate - above);
  const c = Math.abs(estimate - corner);
  if (a <= b && a <= c) return left;
  return b <= c ? above : corner;
}
