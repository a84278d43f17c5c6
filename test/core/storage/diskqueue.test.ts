import { describe, expect, test } from "vitest";
import { GO_DISKQUEUE } from "../../../core/storage/policy.ts";
import { QueueRig } from "./rig.ts";

const STATE = "q.diskqueue.meta.dat";
const file = (number: number): string => `q.diskqueue.${String(number).padStart(6, "0")}.dat`;

function threeFiles(): QueueRig {
  const rig = new QueueRig({ maxBytesPerFile: 10 });
  for (const text of ["a", "b", "c", "d", "e", "f"]) rig.write(text);
  return rig;
}

describe("what is written", () => {
  test("comes back in order, and leaves when it is taken", () => {
    const rig = new QueueRig();
    expect(rig.take()).toBeNull();
    expect(rig.write("a", "bb")).toBe(2);
    expect(rig.write("ccc")).toBe(1);
    expect(rig.queue.depth).toBe(3);
    expect(rig.takeAll()).toEqual(["a", "bb", "ccc"]);
    expect(rig.queue.depth).toBe(0);
    rig.write("d");
    expect(rig.takeAll()).toEqual(["d"]);
  });

  test("has a length before each record, and a text beside it", () => {
    const rig = new QueueRig();
    rig.write("one", "three");
    expect(rig.text(file(0))).toBe("\0\0\0\u0003one\0\0\0\u0005three");
    rig.take();
    rig.restart();
    expect(rig.text(STATE)).toBe("1\n0,7\n0,16\n");
  });

  test("an unused queue has no files before it is closed", () => {
    const rig = new QueueRig();
    rig.host.advance(10_000_000);
    expect(rig.names).toEqual([]);
    rig.restart();
    expect(rig.names).toEqual([STATE]);
    expect(rig.text(STATE)).toBe("0\n0,0\n0,0\n");
  });

  test("a file never exceeds its limit, unless one record does", () => {
    const rig = new QueueRig({ maxBytesPerFile: 20 });
    rig.write("x".repeat(16), "yy", "y".repeat(40), "z");
    expect([0, 1, 2, 3].map((number) => rig.text(file(number)).length)).toEqual([20, 6, 44, 5]);
    expect(rig.takeAll().map((text) => text.length)).toEqual([16, 2, 40, 1]);
    expect(rig.names).toEqual([file(3), STATE]);
  });

  test("records larger than a read block come back whole, among small ones", () => {
    const rig = new QueueRig({ maxBytesPerFile: 1_000_000 });
    const sizes = [10, 70_000, 3, 65_530, 5, 99_999, 1];
    for (const size of sizes) rig.write("r".repeat(size));
    expect(rig.takeAll().map((text) => text.length)).toEqual(sizes);
  });
});

describe("syncs", () => {
  test("are due after so many operations, or after a while", () => {
    const rig = new QueueRig({ syncEvery: 3 });
    const { done } = rig.host.files;
    const syncs = (): number => done.filter((each) => each === `replace ${STATE}`).length;
    rig.write("a", "b");
    expect(syncs()).toBe(0);
    rig.take();
    expect(syncs()).toBe(1);
    expect(rig.text(STATE)).toBe("1\n0,5\n0,10\n");
    rig.host.advance(5_000_000);
    expect(syncs()).toBe(1);
    rig.write("c");
    rig.host.advance(2_000_000);
    expect(syncs()).toBe(2);
    expect(rig.text(STATE)).toBe("2\n0,5\n0,15\n");
  });

  test("a state never speaks of records that are not synced", () => {
    const rig = new QueueRig({ syncEvery: 2 });
    rig.host.files.isSlow = true;
    rig.write("a", "b");
    rig.write("c", "d");
    rig.host.files.complete(2);
    expect(rig.text(STATE)).toBe("2\n0,0\n0,10\n");
    rig.host.files.complete();
    expect(rig.text(STATE)).toBe("4\n0,0\n0,20\n");
  });

  test("one that fails is said and tried again", () => {
    const rig = new QueueRig({ syncEvery: 1 });
    let isBroken = true;
    rig.host.files.fault = (operation) => (isBroken && operation === "sync" ? "EIO" : null);
    rig.write("a");
    expect(rig.host.logs.join()).toContain("DISKQUEUE(q) failed to sync - EIO");
    expect(rig.text(STATE)).toBe("0\n0,0\n0,0\n");
    isBroken = false;
    rig.host.advance(2_000_000);
    expect(rig.text(STATE)).toBe("1\n0,0\n0,5\n");
  });

  test("a file that waits for its sync stays open when the queue is closed", () => {
    const rig = new QueueRig({ maxBytesPerFile: 10 });
    rig.host.files.isSlow = true;
    for (const text of ["a", "b", "c", "d", "e"]) rig.write(text);
    // The sync of the first file ends, and that of the second and third begins.
    rig.host.files.complete(1);
    rig.restart();
    expect(rig.host.logs).toEqual([]);
    expect(rig.text(STATE)).toBe("5\n0,0\n2,5\n");
    expect(rig.takeAll()).toEqual(["a", "b", "c", "d", "e"]);
  });

  test("closing waits for one that is under way", () => {
    const rig = new QueueRig({ syncEvery: 1 });
    rig.host.files.isSlow = true;
    rig.write("a");
    let isClosed = false;
    rig.queue.close(() => {
      isClosed = true;
    });
    rig.host.files.complete(2);
    expect(isClosed).toBe(false);
    rig.host.files.complete();
    expect(isClosed).toBe(true);
  });
});

describe("after a crash", () => {
  test("everything written is there, also before the first sync", () => {
    const rig = new QueueRig();
    rig.write("a", "b");
    rig.crash();
    expect(rig.queue.depth).toBe(2);
    rig.write("c");
    rig.crash();
    expect(rig.queue.depth).toBe(3);
    expect(rig.takeAll()).toEqual(["a", "b", "c"]);
  });

  test("what was taken since the last sync comes again", () => {
    const rig = new QueueRig({ syncEvery: 4 });
    rig.write("a", "b", "c", "d");
    rig.take();
    rig.take();
    rig.crash();
    expect(rig.takeAll()).toEqual(["a", "b", "c", "d"]);
  });

  test("files that were left behind are found", () => {
    const rig = new QueueRig({ maxBytesPerFile: 20 });
    rig.host.files.isSlow = true;
    for (const text of ["a", "b", "c", "d", "e", "f", "g", "h", "i"]) rig.write(text);
    rig.crash();
    expect(rig.queue.depth).toBe(9);
    expect(rig.takeAll().join("")).toBe("abcdefghi");
  });

  test("what was taken comes again, until a sync is over: it may have been on its way elsewhere", () => {
    const rig = new QueueRig({ maxBytesPerFile: 20 });
    rig.host.files.isSlow = true;
    const texts = "abcdefghijklmnopq".split("");
    for (const text of texts) rig.write(text);
    for (const text of texts.slice(0, 10)) expect(rig.take()).toBe(text);
    // On to another file: the state is saved at once.
    for (const text of ["r", "s", "t", "u", "v"]) rig.write(text);
    rig.crash();
    expect(rig.takeAll().join("")).toBe("abcdefghijklmnopqrstuv");
    expect(rig.host.logs.filter((line) => line.startsWith("error"))).toEqual([]);
  });

  test("no state leads to a file that is gone, however far a sync has come", () => {
    for (let completed = 0; completed < 12; completed += 1) {
      const rig = new QueueRig({ maxBytesPerFile: 20, syncEvery: 3 });
      rig.host.files.isSlow = true;
      const texts = "abcdefghijklmnopq".split("");
      for (const text of texts) {
        rig.write(text);
        rig.take();
        if (text === "k") rig.host.files.complete(completed);
      }
      rig.write("z");
      rig.crash();
      expect(rig.takeAll().at(-1)).toBe("z");
      expect(rig.queue.depth).toBe(0);
      expect(rig.host.logs.filter((line) => line.startsWith("error"))).toEqual([]);
    }
  });

  test("a state file that says nothing does not hide the records", () => {
    const rig = new QueueRig({ maxBytesPerFile: 20 });
    for (const text of "abcdefghijk".split("")) rig.write(text);
    for (let count = 0; count < 6; count += 1) rig.take();
    rig.host.files.disk.replace(STATE, new Uint8Array(0));
    rig.crash();
    expect(rig.queue.depth).toBe(7);
    expect(rig.takeAll().join("")).toBe("efghijk");
  });

  test("one that cannot be read, in a folder that cannot be listed, leaves all files alone", () => {
    const rig = new QueueRig();
    rig.write("a");
    rig.host.files.fault = (operation, name) =>
      operation === "list" || (operation === "open" && name === STATE) ? "EMFILE" : null;
    const { fault } = rig.host.files;
    rig.crash((files) => {
      files.fault = fault;
    });
    rig.host.files.fault = () => null;
    rig.write("b");
    expect(rig.takeAll()).toEqual(["b"]);
    expect(rig.text(file(0))).toBe("\0\0\0\u0001a");
  });

  test("a torn last record is cut off; the ones before are kept", () => {
    const rig = new QueueRig();
    rig.write("a", "bbbbbb");
    rig.host.files.disk.find(file(0))!.truncate(12);
    rig.crash();
    expect(rig.takeAll()).toEqual(["a"]);
    expect(rig.names.some((name) => name.endsWith(".bad"))).toBe(false);
  });

  test("a file that is shorter than its state says is not written with a hole", () => {
    const rig = new QueueRig({ syncEvery: 2 });
    rig.write("aaa", "bbb");
    rig.host.files.disk.find(file(0))!.truncate(9);
    rig.crash();
    rig.write("ccc");
    expect(rig.takeAll()).toEqual(["aaa", "ccc"]);
  });

  test("stale bytes do not become ghosts", () => {
    const rig = new QueueRig();
    rig.write("old 1", "old 2", "old 3");
    rig.host.files.disk.remove(STATE);
    rig.crash();
    rig.write("new 1");
    rig.restart();
    rig.crash();
    expect(rig.takeAll()).toEqual(["new 1"]);
  });
});

describe("damaged files", () => {
  test("an impossible length sets the rest of the file aside", () => {
    const rig = threeFiles();
    rig.host.files.disk.find(file(1))!.write(Uint8Array.of(0xff, 0xff, 0xff, 0xff), 5);
    expect(rig.takeAll()).toEqual(["a", "b", "c", "e", "f"]);
    expect(rig.names).toEqual([`${file(1)}.bad`, file(2), STATE]);
    expect(rig.host.logs.join("\n")).toContain("invalid message read size (-1)");
    expect(rig.host.logs.join("\n")).toContain("positive depth at tail (1), data loss, resetting 0...");
    expect(rig.queue.depth).toBe(0);
    rig.write("g");
    expect(rig.takeAll()).toEqual(["g"]);
  });

  test("the file being written can be set aside, too", () => {
    const rig = new QueueRig();
    rig.write("a", "b");
    rig.host.files.disk.find(file(0))!.write(Uint8Array.of(0x7f), 5);
    expect(rig.takeAll()).toEqual(["a"]);
    rig.write("c");
    expect(rig.takeAll()).toEqual(["c"]);
    expect(rig.names).toEqual([`${file(0)}.bad`, file(1), STATE]);
  });

  test.each([
    "",
    "nonsense",
    "1\n0,0\n",
    "1\n0,-1\n0,5\n",
    "1\n0,0\n99999999999999999999,0\n",
    "1\n0,0\n9999999,0\n",
    "0\n3,9\n0,0\n",
    "1\n0,6\n0,5\n",
  ])("state file %j", (content) => {
    const rig = new QueueRig();
    rig.write("a");
    rig.host.files.disk.replace(STATE, Buffer.from(content));
    rig.crash();
    expect(rig.host.logs.join()).toContain("failed to retrieveMetaData");
    // Found by its name.
    expect(rig.takeAll()).toEqual(["a"]);
    rig.write("b");
    rig.crash();
    expect(rig.takeAll().at(-1)).toBe("b");
  });

  test("a reader beyond the writer starts anew, as go-diskqueue does", () => {
    const rig = new QueueRig({ policy: GO_DISKQUEUE });
    rig.write("a");
    rig.host.files.disk.replace(STATE, Buffer.from("3\n7,0\n0,5\n"));
    rig.crash();
    expect(rig.takeAll()).toEqual([]);
    rig.write("b");
    expect(rig.takeAll()).toEqual(["b"]);
    expect(rig.queue.depth).toBe(0);
  });

  test("many missing files are passed over in several steps", () => {
    const rig = new QueueRig();
    rig.write("a");
    rig.host.files.disk.replace(STATE, Buffer.from("1\n1,0\n1000,0\n"));
    rig.crash();
    expect(rig.take()).toBeNull();
    for (let steps = 0; steps < 10; steps += 1) {
      rig.host.advance(1);
      rig.take();
    }
    expect(rig.readable).toBe(3);
    expect(rig.queue.depth).toBe(0);
  });

  test("a system without means is asked again; the file stays", () => {
    const rig = threeFiles();
    rig.host.files.fault = (operation) => (operation === "open" ? "EMFILE" : null);
    expect(rig.take()).toBeNull();
    expect(rig.readable).toBe(0);
    rig.host.files.fault = () => null;
    expect(rig.take()).toBeNull();
    rig.host.advance(1_000_000);
    expect(rig.readable).toBe(1);
    expect(rig.takeAll()).toEqual(["a", "b", "c", "d", "e", "f"]);
  });

  test("a disk that cannot read a file is asked again for a minute, then the file is set aside", () => {
    const rig = threeFiles();
    rig.host.files.fault = (operation, name) => (operation === "get" && name === file(0) ? "EIO" : null);
    for (let second = 0; second < 59; second += 1) {
      expect(rig.take()).toBeNull();
      rig.host.advance(1_000_000);
    }
    expect(rig.names).not.toContain(`${file(0)}.bad`);
    expect(rig.takeAll()).toEqual(["c", "d", "e", "f"]);
    expect(rig.names).toContain(`${file(0)}.bad`);
  });
});

describe("a write that fails", () => {
  test("stores nothing, and the next one goes to the same place", () => {
    const rig = new QueueRig();
    rig.write("a");
    rig.host.files.fault = (operation) => (operation === "put" ? "ENOSPC" : null);
    expect(rig.write("b", "c")).toBe(0);
    expect(rig.queue.failure?.code).toBe("ENOSPC");
    expect(rig.queue.depth).toBe(1);
    rig.host.files.fault = () => null;
    rig.crash();
    expect(rig.write("d")).toBe(1);
    expect(rig.takeAll()).toEqual(["a", "d"]);
  });

  test("says how many records were stored before", () => {
    const rig = new QueueRig({ maxBytesPerFile: 10 });
    rig.host.files.fault = (operation, name) => (operation === "put" && name === file(1) ? "ENOSPC" : null);
    expect(rig.write("a", "b", "c")).toBe(2);
    expect(rig.takeAll()).toEqual(["a", "b"]);
  });
});

describe("emptying and deleting", () => {
  test("empty leaves no files; what comes after it survives a crash", () => {
    const rig = new QueueRig({ maxBytesPerFile: 10 });
    rig.write("a", "b", "c");
    rig.take();
    rig.queue.empty();
    expect(rig.names).toEqual([]);
    expect(rig.queue.depth).toBe(0);
    expect(rig.takeAll()).toEqual([]);
    rig.write("d");
    rig.crash();
    expect(rig.takeAll()).toEqual(["d"]);
  });

  test("delete leaves no files, also when a sync was under way", () => {
    const rig = new QueueRig({ syncEvery: 1 });
    rig.host.files.isSlow = true;
    rig.write("a");
    rig.queue.delete();
    rig.host.files.complete();
    rig.host.advance(5_000_000);
    expect(rig.names).toEqual([]);
  });

  test("a deletion while the state is being replaced does not bring it back", () => {
    const rig = new QueueRig({ syncEvery: 1 });
    rig.host.files.isSlow = true;
    rig.write("a");
    rig.host.files.complete(1);
    expect(rig.host.files.waitingCount).toBe(1);
    rig.queue.delete();
    rig.host.files.complete();
    expect(rig.names).toEqual([]);
  });
});

describe("go-diskqueue as it is", () => {
  const settings = { policy: GO_DISKQUEUE };

  test("forgets after a crash what was written before the first sync, and delivers it as ghosts later", () => {
    const rig = new QueueRig(settings);
    rig.write("old 1", "old 2", "old 3");
    rig.crash();
    expect(rig.take()).toBeNull();
    rig.write("new 1");
    rig.restart();
    expect(rig.takeAll()).toEqual(["new 1", "old 2", "old 3"]);
  });

  test("stores of records written together as many as find room", () => {
    const rig = new QueueRig(settings);
    rig.write("a");
    let writes = 0;
    rig.host.files.fault = (operation) => (operation === "put" && (writes += 1) !== 2 ? "ENOSPC" : null);
    expect(rig.write("b", "c", "d")).toBe(1);
    rig.host.files.fault = () => null;
    expect(rig.takeAll()).toEqual(["a", "b"]);
  });

  test("keeps a file that was read to its end before the writer left it", () => {
    const rig = new QueueRig({ ...settings, maxBytesPerFile: 10 });
    rig.write("a", "b");
    expect(rig.takeAll()).toEqual(["a", "b"]);
    rig.write("c");
    expect(rig.takeAll()).toEqual(["c"]);
    expect(rig.names).toContain(`${file(0)}.bad`);
  });

  test("finds what was written after a sync, with a depth that is too low until the end", () => {
    const rig = new QueueRig({ ...settings, syncEvery: 2 });
    rig.write("a", "b");
    rig.write("c");
    rig.crash();
    expect(rig.queue.depth).toBe(2);
    rig.write("d");
    expect(rig.takeAll()).toEqual(["a", "b", "c", "d"]);
    expect(rig.host.logs.join()).toContain("negative depth at tail (-1)");
    expect(rig.queue.depth).toBe(0);
  });

  test("condemns a file for want of descriptors", () => {
    const rig = new QueueRig(settings);
    rig.write("a");
    rig.host.files.fault = (operation, name) => (operation === "open" && name === file(0) ? "EMFILE" : null);
    expect(rig.take()).toBeNull();
    expect(rig.names).toContain(`${file(0)}.bad`);
  });
});
