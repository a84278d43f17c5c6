/** Data paths that something has damaged: nsqd starts or says why not, serves what is whole, and goes on. */
import { test } from "vitest";
import { HostError } from "../../core/host.ts";
import { type NsqdProgram, startNsqd } from "../../core/nsqd/nsqd.ts";
import { DEFAULT_OPTIONS, type Profile } from "../../core/nsqd/options.ts";
import { byteString, bytesOf } from "../../core/protocol/text.ts";
import { MemoryDisk } from "../../core/storage/memory-disk.ts";
import { SECOND } from "../../core/time.ts";
import { type FakeClient, FakeHost, mpub, pub } from "../core/nsqd/fake-host.ts";
import { FaultyFiles } from "../core/storage/faulty-files.ts";
import type { Draw } from "./draw.ts";
import { FUZZ_TIMEOUT_MS, fuzz, ROUND } from "./inputs.ts";
import { mutate } from "./mutate.ts";

const METADATA = "nsqd.dat";
const NEIGHBOUR = Array.from({ length: 5 }, (_, index) => `n${index}`);
const VICTIM = Array.from({ length: 20 }, (_, index) => `${index} ${"v".repeat((index * 37) % 90)}`);

type Files = ReadonlyMap<string, string>;

/** One life of an nsqd over some files. */
class Life {
  readonly host: FakeHost;
  /** Why it does not serve. */
  refusal: HostError | null = null;
  readonly profile: Profile;
  private readonly program: NsqdProgram;

  constructor(files: Files, draw: Draw) {
    const disk = new MemoryDisk();
    for (const [name, text] of files) disk.replace(name, bytesOf(text));
    this.host = new FakeHost(new FaultyFiles(disk));
    const profile = draw.pick(["exact", "nsqd-1.3"] as const);
    this.profile = profile;
    const memQueueSize = draw.pick([0, 3]);
    const options = { ...DEFAULT_OPTIONS, nodeId: 5, maxMsgSize: 1000, maxBytesPerFile: 500, memQueueSize, profile };
    let isReady = false;
    const ready = (result: unknown): void => {
      isReady = true;
      if (result instanceof HostError) this.refusal = result;
    };
    this.program = this.host.step(() => startNsqd(this.host, options, { ready }));
    if (!isReady) throw new Error("it neither serves nor says why not");
  }

  client(text: string): FakeClient {
    return this.host.client().send(`  V2${text}`);
  }

  /** Takes and finishes all that a topic's channel c has; and what comes while time passes. */
  drain(topic: string): string[] {
    const bodies: string[] = [];
    const consumer = this.client(`SUB ${topic} c\nRDY 100\n`);
    for (let quiet = 0; quiet < 2;) {
      const messages = consumer.frames().filter(({ type }) => type === "message");
      bodies.push(...messages.map(({ text }) => text));
      if (messages.length > 0) consumer.send(messages.map(({ id }) => `FIN ${id}\n`).join(""));
      else quiet += 1;
      this.host.advance(2 * SECOND);
    }
    consumer.close();
    return bodies;
  }

  /** SIGTERM; the files afterwards. */
  stop(): Files {
    let isDone = false;
    this.host.step(() =>
      this.program.stop(() => {
        isDone = true;
      }),
    );
    if (!isDone) throw new Error("it does not stop");
    return this.files();
  }

  /** As kill -9 leaves them. */
  files(): Files {
    const { disk, done } = this.host.files;
    const names = new Set(done.map((operation) => operation.split(" ")[1]!));
    const files = new Map<string, string>();
    for (const name of [...names].sort()) {
      const bytes = disk.find(name)?.copy();
      if (bytes !== undefined) files.set(name, byteString(bytes, 0, bytes.length));
    }
    return files;
  }
}

/** A data path with messages in two topics, on disk. */
function makeFiles(draw: Draw): Files {
  const life = new Life(new Map(), draw);
  for (const topic of ["neighbour", "victim"]) life.client(`SUB ${topic} c\n`).close();
  life.client(mpub("neighbour", NEIGHBOUR) + VICTIM.map((body) => pub("victim", body)).join("")).close();
  return life.stop();
}

/** Damages the victim's files, seldom the list of topics. */
function damage(files: Files, draw: Draw): Files {
  const damaged = new Map(files);
  const names = [...files.keys()].filter((name) => name.startsWith("victim"));
  for (let left = draw.integer(1, 3); left > 0; left -= 1) {
    const name = draw.once(15) ? METADATA : draw.pick(names);
    const how = draw.integer(0, 9);
    if (how === 0) damaged.delete(name);
    else if (how === 1) damaged.set(name, "");
    else if (how === 2) damaged.set(name, damaged.get(draw.pick(names)) ?? "");
    else if (how === 3) damaged.set(name, draw.bytes(600));
    else damaged.set(name, mutate(damaged.get(name) ?? "", draw));
  }
  return damaged;
}

function expectWholeQueues(life: Life, draw: Draw): void {
  const drained = life.drain("neighbour");
  if (drained.sort().join() !== NEIGHBOUR.join()) throw new Error(`the neighbour has ${JSON.stringify(drained)}`);
  expectPublishing(life, draw);
}

/** Whatever is left of the old messages: new ones pass, and nothing else comes with them. */
function expectPublishing(life: Life, draw: Draw): void {
  life.drain("victim");
  const fresh = draw.many(1, 5, () => `fresh ${draw.bytes(90)}`);
  const publisher = life.client("");
  for (const body of fresh) {
    const [answer] = publisher.send(pub("victim", body)).texts();
    if (answer !== "OK") throw new Error(`a publish is answered ${answer}`);
  }
  publisher.close();
  const found = life.drain("victim");
  // go-diskqueue can lose or repeat records behind damaged ones, and that profile does as it does.
  if (life.profile === "exact" && found.sort().join() !== fresh.sort().join()) {
    throw new Error(`of ${JSON.stringify(fresh)} there is ${JSON.stringify(found)}`);
  }
}

test(
  "a damaged data path",
  async () => {
    await fuzz("data-path", 0.02, (draw) => {
      const files = makeFiles(draw);
      for (let input = 0; input < ROUND; input += 1) {
        const damaged = damage(files, draw);
        const life = new Life(damaged, draw);
        if (life.refusal !== null && damaged.get(METADATA) === files.get(METADATA)) throw life.refusal;
        if (life.refusal !== null || damaged.get(METADATA) !== files.get(METADATA)) continue;
        expectWholeQueues(life, draw);
        const left = draw.once(2) ? life.stop() : life.files();
        const next = new Life(left, draw);
        if (next.refusal !== null) throw next.refusal;
        const again = next.drain("neighbour");
        if (again.length > 0) throw new Error(`finished, and yet there: ${JSON.stringify(again)}`);
        expectPublishing(next, draw);
      }
    });
  },
  FUZZ_TIMEOUT_MS,
);
