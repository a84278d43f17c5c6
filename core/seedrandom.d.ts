// @types/seedrandom describes only the package's main entry, which reaches for node:crypto.
declare module "seedrandom/lib/xor128.js" {
  interface Xor128 {
    (): number;
    int32(): number;
  }
  export default function xor128(seed: string): Xor128;
}
