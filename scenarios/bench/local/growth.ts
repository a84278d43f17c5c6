import { DEFAULT_OPTIONS } from "../../../core/nsqd/options.ts";
import { startNsqd } from "../../../core/nsqd/nsqd.ts";
import { randomStream } from "../../../core/random.ts";
import { MILLISECOND, type Micros } from "../../../core/time.ts";
import { FrameCutter, ID_BYTES, ID_OFFSET, identifyCommands, publishCommand, subscribeCommands } from "../load/wire.ts";
import { BenchHost } from "./bench-host.ts";

/** What there is a lot of while the operations are timed. */
export type Held = "queued" | "in-flight" | "deferred";

export interface GrowthJob {
  readonly held: Held;
  /** How many are held. */
  readonly count: number;
  readonly operations: number;
}

const TOPIC = "growth";
const BODY_BYTES = 200;
/** Commands given to the broker at a time. */
const STRIDE = 50;
/** Messages a client may hold beyond those that are held for the test. */
const SLACK = 10_000;
const HOUR_MS = 3_600_000;
const FOREVER: Micros = 500 * HOUR_MS * MILLISECOND;

/**
 * Nanoseconds of one operation with `count` messages held. An operation keeps the number: queued, a message is published,
 * another delivered and finished; in flight, one of all is finished, whichever, and a new one published and delivered;
 * deferred, one is published with a delay up to an hour, and one that is due is delivered and finished.
 */
export function measureGrowth(job: GrowthJob): number {
  const site = new Site(job);
  site.fill();
  // Warm up with the same operations: the code and the structures.
  site.operate(Math.min(job.operations, 20_000));
  const startMs = performance.now();
  site.operate(job.operations);
  return ((performance.now() - startMs) * 1e6) / job.operations;
}

class Site {
  private readonly job: GrowthJob;
  private readonly host = new BenchHost();
  private readonly random = randomStream(1, "growth");
  private readonly produce: (bytes: Uint8Array) => void;
  private readonly consume: (bytes: Uint8Array) => void;
  /** Ids in flight, 16 bytes each. */
  private readonly ids: Uint8Array;
  private held = 0;
  private failure = "";

  constructor(job: GrowthJob) {
    this.job = job;
    this.ids = new Uint8Array((job.count + SLACK) * ID_BYTES);
    const limit = job.count + SLACK;
    // Nothing times out: the clock is moved by hours.
    const forever = { msgTimeout: FOREVER, maxMsgTimeout: FOREVER, maxHeartbeatInterval: FOREVER };
    startNsqd(this.host, { ...DEFAULT_OPTIONS, ...forever, memQueueSize: limit, maxRdyCount: limit });
    const error = (text: string): void => void (this.failure = text);
    const cutter = new FrameCutter({
      response: () => undefined,
      message: (bytes, start) => {
        this.ids.set(bytes.subarray(start + ID_OFFSET, start + ID_OFFSET + ID_BYTES), this.held * ID_BYTES);
        this.held += 1;
      },
      error,
    });
    const answers = new FrameCutter({ response: () => undefined, message: () => undefined, error });
    this.produce = this.host.dial((bytes) => answers.push(asBuffer(bytes)));
    this.consume = this.host.dial((bytes) => cutter.push(asBuffer(bytes)));
    this.produce(identifyCommands(FOREVER / MILLISECOND));
    this.consume(identifyCommands(FOREVER / MILLISECOND));
    this.consume(subscribeCommands(TOPIC, "ch", job.held === "in-flight" ? limit : 0));
  }

  fill(): void {
    const { count, held } = this.job;
    if (held === "deferred") {
      for (let done = 0; done < count; done += STRIDE) this.produce(this.deferred(STRIDE));
      this.consume(Buffer.from(`RDY ${STRIDE}\n`, "latin1"));
    } else {
      const batch = 100;
      const command = publishCommand(TOPIC, batch, BODY_BYTES);
      for (let done = 0; done < count; done += batch) this.produce(command);
    }
    if (held === "queued") this.consume(Buffer.from(`RDY ${STRIDE}\n`, "latin1"));
    this.settle(held === "in-flight" ? count : held === "queued" ? STRIDE : 0);
  }

  operate(operations: number): void {
    const { held, count } = this.job;
    const publish = Buffer.concat(Array.from({ length: STRIDE }, () => publishCommand(TOPIC, 1, BODY_BYTES)));
    // With `count` deferred evenly over an hour, so much time makes as many due as were added.
    const pauseUs = Math.ceil((HOUR_MS * MILLISECOND * STRIDE) / count);
    for (let done = 0; done < operations; done += STRIDE) {
      if (held === "deferred") {
        this.produce(this.deferred(STRIDE));
        this.host.advance(this.host.now() + pauseUs);
        this.finish(this.held, "last");
      } else {
        this.finish(STRIDE, held === "in-flight" ? "any" : "last");
        this.produce(publish);
      }
    }
    if (this.failure !== "") throw new Error(`the broker answered ${this.failure}`);
  }

  /** DPUBs with delays spread over an hour. */
  private deferred(count: number): Buffer {
    const commands = Array.from({ length: count }, () => {
      const publish = publishCommand(TOPIC, 1, BODY_BYTES).subarray(`PUB ${TOPIC}\n`.length);
      return Buffer.concat([Buffer.from(`DPUB ${TOPIC} ${this.random.integer(1, HOUR_MS)}\n`, "latin1"), publish]);
    });
    return Buffer.concat(commands);
  }

  /** Finishes the last that came, or any of all. */
  private finish(count: number, which: "last" | "any"): void {
    if (count === 0) return;
    const commands = Buffer.alloc(21 * count, "FIN 0123456789abcdef\n", "latin1");
    for (let index = 0; index < count; index += 1) {
      const last = (this.held - 1) * ID_BYTES;
      const from = which === "last" ? last : this.random.integer(0, this.held - 1) * ID_BYTES;
      commands.set(this.ids.subarray(from, from + ID_BYTES), index * 21 + 4);
      this.ids.copyWithin(from, last, last + ID_BYTES);
      this.held -= 1;
    }
    this.consume(commands);
  }

  private settle(delivered: number): void {
    this.host.advance(this.host.now() + 1_000);
    if (this.failure !== "") throw new Error(`the broker answered ${this.failure}`);
    if (this.held !== delivered) throw new Error(`${this.held} messages were delivered instead of ${delivered}`);
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
