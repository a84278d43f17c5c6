import fc from "fast-check";
import { expect, test } from "vitest";
import { randomStream } from "../../../core/random.ts";
import { SimDisk } from "../../../sim/disk/disk.ts";
import { hasRecords, rotRecords } from "../../../sim/disk/rot.ts";
import { Inode, type SyncPoint } from "../../../sim/disk/inode.ts";

const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

type Action =
  | { readonly kind: "write"; readonly at: number; readonly length: number; readonly value: number }
  | { readonly kind: "truncate"; readonly size: number }
  | { readonly kind: "begin" | "end" };

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    kind: fc.constant("write" as const),
    at: fc.nat(60),
    length: fc.nat(40),
    value: fc.integer({ min: 1, max: 255 }),
  }),
  fc.record({ kind: fc.constant("truncate" as const), size: fc.nat(80) }),
  fc.record({ kind: fc.constantFrom("begin" as const, "end" as const) }),
);

/** A file with images of what its syncs have made durable. */
class Imaged {
  readonly inode = new Inode();
  durable = new Uint8Array(0);
  private readonly begun: { point: SyncPoint; image: Uint8Array<ArrayBuffer> }[] = [];

  perform(step: Action): void {
    switch (step.kind) {
      case "write":
        return this.inode.write(bytes(step.length, step.value), step.at);
      case "truncate":
        return this.inode.truncate(step.size);
      case "begin":
        this.begun.push({ point: this.inode.syncPoint(), image: this.inode.copy().slice() });
        return undefined;
      case "end": {
        const first = this.begun.shift();
        if (first === undefined) return undefined;
        this.inode.synced(first.point);
        this.durable = first.image;
        return undefined;
      }
    }
  }
}

test("a loss of power leaves the bytes as they were when the last completed sync began", () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 30 }), fc.array(action, { maxLength: 20 }), (before, after) => {
      const file = new Imaged();
      for (const step of before) file.perform(step);
      file.inode.losePower(null);
      expect([...file.inode.copy()]).toEqual([...file.durable]);
      // What is on the disk then is durable, until it is changed.
      const left = new Imaged();
      left.inode.write(file.durable, 0);
      left.inode.synced(left.inode.syncPoint());
      left.durable = file.durable;
      for (const step of after) left.perform(step);
      left.inode.losePower(null);
      expect([...left.inode.copy()]).toEqual([...left.durable]);
    }),
    { numRuns: 300 },
  );
});

test("a torn tail begins behind what is durable, and only its last sector may be wrong", () => {
  fc.assert(
    fc.property(fc.nat(2_000), fc.nat(4_000), fc.nat(), (durable, appended, seed) => {
      const inode = new Inode();
      inode.write(bytes(durable, 7), 0);
      inode.synced(inode.syncPoint());
      inode.write(bytes(appended, 8), durable);
      inode.losePower(randomStream(seed, "torn"));
      expect(inode.length).toBeGreaterThanOrEqual(durable);
      expect(inode.length).toBeLessThanOrEqual(durable + appended);
      const sector = Math.floor(Math.max(0, inode.length - 1) / 512) * 512;
      const image = inode.copy();
      expect(image.subarray(0, durable).every((byte) => byte === 7)).toBe(true);
      expect(image.subarray(durable, Math.max(durable, sector)).every((byte) => byte === 8)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test("every tail is possible: none, all, and one whose last sector is wrong", () => {
  const fates = new Set<string>();
  for (let seed = 0; seed < 200; seed += 1) {
    const inode = new Inode();
    inode.write(bytes(3, 8), 0);
    inode.losePower(randomStream(seed, "torn"));
    fates.add([...inode.copy()].every((byte) => byte === 8) ? `${inode.length} whole` : "wrong");
  }
  expect([...fates].sort()).toEqual(["0 whole", "1 whole", "2 whole", "3 whole", "wrong"]);
});

function make(disk: SimDisk, name: string): Inode {
  const inode = new Inode();
  disk.directory.set(name, inode);
  return inode;
}

test("names become durable in the order of their changes", () => {
  const disk = new SimDisk();
  make(disk, "a");
  const { changes } = disk.directory;
  make(disk, "b");
  disk.directory.rename("a", "c");
  disk.directory.commit(changes);
  disk.losePower(null);
  expect(disk.directory.names()).toEqual(["a"]);
  expect(disk.directory.find("a")!.length).toBe(0);
});

test("a rename is durable whole or not at all, and what it replaced comes back", () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < 50; seed += 1) {
    const disk = new SimDisk();
    disk.replace("replace", "old", bytes(1, 1), []);
    disk.replace("replace", "new", bytes(2, 2), []);
    disk.directory.commit(disk.directory.changes);
    disk.directory.rename("new", "old");
    disk.directory.set("more", new Inode());
    disk.losePower(randomStream(seed, "torn"));
    seen.add(
      disk.directory
        .names()
        .map((name) => `${name} ${disk.directory.find(name)!.length}`)
        .join(", "),
    );
  }
  expect([...seen].sort()).toEqual(["more 0, old 2", "new 2, old 1", "old 2"]);
});

test("what is replaced is the old file or the new one, never half of one", () => {
  for (let seed = 0; seed < 50; seed += 1) {
    const disk = new SimDisk();
    disk.replace("replace", "state", bytes(10, 1), []);
    disk.directory.commit(disk.directory.changes);
    disk.replace("replace", "state", bytes(20, 2), []);
    disk.losePower(randomStream(seed, "torn"));
    expect([10, 20]).toContain(disk.directory.find("state")!.length);
  }
});

test("bits turn over in lengths and bodies of records, as many as are asked for", () => {
  const disk = new SimDisk();
  const record = [0, 0, 0, 30, ...bytes(26, 1), ...bytes(4, 2)];
  disk.replace("replace", "q.diskqueue.meta.dat", bytes(100, 0), []);
  expect([hasRecords(disk.directory), rotRecords(disk.directory, 3, randomStream(1, "rot"))]).toEqual([false, []]);
  disk.replace("replace", "q.diskqueue.000000.dat", Uint8Array.from([...record, ...record, 0]), []);
  disk.replace("replace", "q.diskqueue.000001.dat", Uint8Array.from(record), []);
  const rots = rotRecords(disk.directory, 200, randomStream(1, "rot"));
  const where = new Set(rots.map(({ name, byte }) => `${name.slice(-10, -4)} ${byte}`));
  const numbers = [0, 1, 2, 3, 30, 31, 32, 33];
  const second = numbers.map((byte) => `000000 ${byte + 34}`);
  expect([...where].sort()).toEqual(
    [...numbers.map((byte) => `000000 ${byte}`), ...second, ...numbers.map((byte) => `000001 ${byte}`)].sort(),
  );
  const image = disk.directory.find("q.diskqueue.000001.dat")!.copy();
  expect([...image.subarray(4, 30)]).toEqual([...bytes(26, 1)]);
  expect([...image]).not.toEqual(record);
});
