import { expect, test } from "vitest";
import { HostError, type FileStore, type StoredFile } from "../../../core/host.ts";
import { bytesOf } from "../../../core/protocol/text.ts";
import type { TroubleKind } from "../../../sim/disk/trouble.ts";
import type { SimHost } from "../../../sim/host.ts";
import { ToyWorld } from "../toy-world.ts";

interface Rig {
  readonly world: ToyWorld;
  readonly host: SimHost;
  readonly files: FileStore;
  /** What failed, as it was told. */
  readonly failures: string[];
  met: number;
  readonly begin: (trouble: TroubleKind) => () => void;
}

function rig(): Rig {
  const world = new ToyWorld();
  const host = world.host("n");
  const machine = world.filesOf("n");
  const failures: string[] = [];
  machine.onTrouble = (text) => void failures.push(text);
  const rig: Rig = {
    world,
    host,
    files: host.files,
    failures,
    met: 0,
    begin: (trouble) => machine.trouble({ ...trouble, met: () => (rig.met += 1) }),
  };
  return rig;
}

function opened(files: FileStore, name: string): StoredFile {
  const file = files.open(name, true);
  if (file instanceof HostError) throw file;
  return file;
}

const codeOf = (result: unknown): unknown => (result instanceof HostError ? result.code : result);

/** The outcome of a replacement. */
function replace({ world, files }: Rig, name: string, size: number): unknown {
  let outcome: unknown = "pending";
  files.replace(name, new Uint8Array(size), (error) => {
    outcome = codeOf(error);
  });
  world.pass(100);
  return outcome;
}

test("a full disk is full for all its files, takes what finds room, and gives room back", () => {
  const one = rig();
  const { files, failures } = one;
  const a = opened(files, "a");
  const b = opened(files, "b");
  a.write(new Uint8Array(100), 0);
  const end = one.begin({ kind: "full", capacity: 110 });
  expect(a.write(new Uint8Array(60), 0)).toBeNull();
  expect(one.met).toBe(0);
  expect(codeOf(b.write(new Uint8Array(15), 0))).toBe("ENOSPC");
  expect([b.size(), one.met]).toEqual([10, 1]);
  expect(codeOf(files.replaceNow("c", new Uint8Array(1)))).toBe("ENOSPC");
  expect(replace(one, "c", 1)).toBe("ENOSPC");
  expect(failures).toEqual(["write b: ENOSPC", "replace c: ENOSPC", "replace c: ENOSPC"]);
  b.truncate(4);
  expect(replace(one, "c", 6)).toBeNull();
  // An open file takes its room with it until it is closed.
  files.remove("a");
  expect(codeOf(b.write(new Uint8Array(1), 4))).toBe("ENOSPC");
  a.close();
  expect(b.write(new Uint8Array(90), 4)).toBeNull();
  end();
  expect(b.write(new Uint8Array(1_000), 0)).toBeNull();
});

test("errors strike what they are meant for", () => {
  const one = rig();
  const { files } = one;
  const a = opened(files, "a");
  a.write(bytesOf("abc"), 0);
  const into = new Uint8Array(3);
  const outcomes = (): unknown[] => {
    let synced: unknown = "pending";
    let read: unknown = "pending";
    a.sync((error) => {
      synced = codeOf(error);
    });
    files.read("a", (result) => {
      read = codeOf(result);
    });
    one.world.pass(10);
    if (read instanceof Uint8Array) read = read.length;
    return [
      codeOf(a.read(into, 0)),
      codeOf(a.write(bytesOf("x"), 3)),
      synced,
      read,
      codeOf(files.replaceNow("b", into)),
    ];
  };
  expect(outcomes()).toEqual([3, null, null, 3, null]);
  const endRead = one.begin({ kind: "error", on: "read" });
  expect(outcomes()).toEqual(["EIO", null, null, "EIO", null]);
  endRead();
  const endWrite = one.begin({ kind: "error", on: "write" });
  expect(outcomes()).toEqual([3, "EIO", null, 4, "EIO"]);
  expect(replace(one, "b", 1)).toBe("EIO");
  endWrite();
  const endSync = one.begin({ kind: "error", on: "sync" });
  expect(outcomes()).toEqual([3, null, "EIO", 4, null]);
  expect(replace(one, "b", 1)).toBe("EIO");
  endSync();
  one.begin({ kind: "no-descriptors" });
  expect(outcomes()).toEqual([3, null, null, "EMFILE", "EMFILE"]);
  expect([codeOf(files.open("a", false)), codeOf(files.list())]).toEqual(["EMFILE", "EMFILE"]);
  expect([files.remove("a"), codeOf(files.rename("b", "c"))]).toEqual([null, null]);
});

test.each([false, true])("a sync that failed has made nothing durable, and may be tried again: %s", (isRetried) => {
  const { files, world, begin } = rig();
  const a = opened(files, "a");
  a.write(bytesOf("abc"), 0);
  const end = begin({ kind: "error", on: "sync" });
  a.sync(() => {});
  world.pass(10);
  end();
  if (isRetried) a.sync(() => {});
  world.pass(10);
  const machine = world.filesOf("n");
  machine.losePower(false);
  expect([...machine.snapshot()]).toEqual(isRetried ? [["a", bytesOf("abc")]] : []);
});

test("a sync ends without its process, a replacement does not", () => {
  const one = rig();
  const { files, world, host } = one;
  const a = opened(files, "a");
  a.write(bytesOf("abc"), 0);
  a.sync(() => {
    throw new Error("the process is dead");
  });
  files.replace("b", bytesOf("abc"), () => {});
  host.kill();
  world.pass(10);
  const machine = world.filesOf("n");
  machine.losePower(false);
  expect([...machine.snapshot().keys()]).toEqual(["a"]);
  expect(machine.snapshot().get("a")).toEqual(bytesOf("abc"));
});

test("a slow disk takes so many times as long", () => {
  const one = rig();
  const a = opened(one.files, "a");
  const end = one.begin({ kind: "slow", factor: 40 });
  let syncedAt = 0;
  a.sync(() => {
    syncedAt = one.world.agenda.now;
  });
  one.world.pass(1_000);
  expect([syncedAt, one.met]).toEqual([40_000, 1]);
  end();
  a.sync(() => {
    syncedAt = one.world.agenda.now;
  });
  one.world.pass(1_000);
  expect(syncedAt).toBe(1_001_000);
});
