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
/** Different strides, used in turn. */
const STRIDES = 500;
const FIN_BYTES = 21;
/** Consumers finish about in the order of delivery: within so many. */
const SHUFFLE = 1_000;
/** Messages a client may hold beyond those that are held for the test. */
const SLACK = 10_000;
const HOUR_MS = 3_600_000;
const FOREVER: Micros = 500 * HOUR_MS * MILLISECOND;

/**
 * Processor nanoseconds of one operation with `count` messages held. An operation keeps their number: queued, a message
 * is finished, the next delivered, and one more published; in flight, one of the oldest is finished, and a new one
 * published and delivered; deferred, one is published with a delay up to an hour, and one that is due is delivered and
 * finished.
 */
export function measureGrowth(job: GrowthJob): number {
  const site = new Site(job);
  site.fill();
  // Warm up with the same operations: the code and the structures.
  site.operate(Math.min(job.operations, 20_000));
  // Processor time, not time: it does not matter who else uses the machine.
  const start = process.cpuUsage();
  site.operate(job.operations);
  const used = process.cpuUsage(start);
  return ((used.user + used.system) * 1e3) / job.operations;
}

class Site {
  private readonly job: GrowthJob;
  private readonly host = new BenchHost();
  private readonly random = randomStream(1, "growth");
  private readonly produce: (bytes: Uint8Array) => void;
  private readonly consume: (bytes: Uint8Array) => void;
  /** Ids in flight, 16 bytes each. */
  private readonly ids: Uint8Array;
  /** Numbers of deliveries: those from `oldest` up to `delivered` are in flight. */
  private oldest = 0;
  private delivered = 0;
  private failure = "";
  private readonly strides: readonly Buffer[];
  private stride = 0;

  constructor(job: GrowthJob) {
    this.job = job;
    this.ids = new Uint8Array((job.count + SLACK) * ID_BYTES);
    this.strides = Array.from({ length: STRIDES }, () => this.encode(job.held === "deferred"));
    const limit = job.count + SLACK;
    // Nothing times out: the clock is moved by hours.
    const forever = { msgTimeout: FOREVER, maxMsgTimeout: FOREVER, maxHeartbeatInterval: FOREVER };
    const options = { ...DEFAULT_OPTIONS, ...forever, memQueueSize: limit, maxRdyCount: limit };
    this.host.start(() => startNsqd(this.host, options));
    const error = (text: string): void => void (this.failure = text);
    const cutter = new FrameCutter({
      response: () => undefined,
      message: (bytes, start) => {
        this.id(this.delivered).set(bytes.subarray(start + ID_OFFSET, start + ID_OFFSET + ID_BYTES));
        this.delivered += 1;
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
      for (let done = 0; done < count; done += STRIDE) this.produce(this.nextStride());
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
    // With `count` deferred evenly over an hour, so much time makes as many due as were added.
    const pauseUs = Math.ceil((HOUR_MS * MILLISECOND * STRIDE) / count);
    for (let done = 0; done < operations; done += STRIDE) {
      if (held === "deferred") {
        this.produce(this.nextStride());
        this.host.advance(this.host.now() + pauseUs);
        this.finish(this.delivered - this.oldest);
      } else {
        this.finish(STRIDE);
        this.produce(this.nextStride());
      }
    }
    if (this.failure !== "") throw new Error(`the broker answered ${this.failure}`);
  }

  /** Encoded beforehand: the broker is to be measured. */
  private nextStride(): Buffer {
    this.stride = (this.stride + 1) % STRIDES;
    return this.strides[this.stride]!;
  }

  /** PUBs, or DPUBs with delays spread over an hour. */
  private encode(deferred: boolean): Buffer {
    const publish = publishCommand(TOPIC, 1, BODY_BYTES);
    const body = publish.subarray(`PUB ${TOPIC}\n`.length);
    const commands = Array.from({ length: STRIDE }, () =>
      deferred
        ? Buffer.concat([Buffer.from(`DPUB ${TOPIC} ${this.random.integer(1, HOUR_MS)}\n`, "latin1"), body])
        : publish,
    );
    return Buffer.concat(commands);
  }

  /** Finishes messages about in the order of their delivery: any of the oldest {@link SHUFFLE}. */
  private finish(count: number): void {
    if (count === 0) return;
    const commands = Buffer.alloc(FIN_BYTES * count, "FIN 0123456789abcdef\n", "latin1");
    for (let index = 0; index < count; index += 1) {
      const first = this.oldest;
      const any = first + this.random.integer(0, Math.min(SHUFFLE, this.delivered - first) - 1);
      commands.set(this.id(any), index * FIN_BYTES + 4);
      this.id(any).set(this.id(first));
      this.oldest += 1;
    }
    this.consume(commands);
  }

  /** Where the id of the n-th delivery is kept, while it is in flight. */
  private id(delivery: number): Uint8Array {
    const at = (delivery % (this.job.count + SLACK)) * ID_BYTES;
    return this.ids.subarray(at, at + ID_BYTES);
  }

  private settle(delivered: number): void {
    this.host.advance(this.host.now() + 1_000);
    if (this.failure !== "") throw new Error(`the broker answered ${this.failure}`);
    if (this.delivered !== delivered)
      throw new Error(`${this.delivered} messages were delivered instead of ${delivered}`);
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
