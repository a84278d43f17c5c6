import type { PlantedBug } from "../bug.ts";

/** In the rest of nsqd: sessions, output, ids, metadata, what decides when. */
export const BROKER_BUGS: readonly PlantedBug[] = [
  {
    name: "rdy-is-off-by-one",
    file: "core/nsqd/subscriber.ts",
    why: "less or equal",
    edits: [
      {
        find: "return this.inFlight < this.readyCount;",
        replace: "return this.readyCount > 0 && this.inFlight <= this.readyCount;",
      },
    ],
    scenario: "shop",
    caught: ["P9"],
  },
  {
    name: "rdy-0-is-ignored",
    file: "core/nsqd/subscriber.ts",
    why: "0 stands for the default, as elsewhere",
    edits: [
      {
        find: "return this.inFlight < this.readyCount;",
        replace: "return this.inFlight < Math.max(1, this.readyCount);",
      },
    ],
    scenario: "shop",
    caught: ["P9"],
  },
  {
    name: "rdy-is-a-credit",
    file: "core/nsqd/subscriber.ts",
    why: "each message costs one, and FIN gives nothing back (nsq#404)",
    edits: [
      {
        find: "return this.inFlight < this.readyCount;",
        replace: "return this.messages < this.readyCount;",
      },
    ],
    scenario: "shop",
    caught: ["P17"],
  },
  {
    name: "rdy-does-not-start-delivery",
    file: "core/nsqd/session.ts",
    why: "the count is stored; the backlog waits for the next publish",
    edits: [{ find: "    subscriber.channel.deliver(this.at);\n", replace: "" }],
    scenario: "shop",
    caught: ["P7"],
  },
  {
    name: "the-clients-own-timeout-is-ignored",
    file: "core/nsqd/session.ts",
    why: "IDENTIFY is answered with it, but deliveries use the default (nsq#1398)",
    edits: [
      {
        find: "disconnect, msgTimeout, sampleRate, nearness);",
        replace: "disconnect, environment.options.msgTimeout, sampleRate, nearness);",
      },
    ],
    scenario: "shop",
    caught: ["P6"],
  },
  {
    name: "touch-gives-the-default-timeout",
    file: "core/nsqd/session.ts",
    why: "TOUCH does not know what was negotiated",
    edits: [
      {
        find: "line, this.subscriber!, this.settings.msgTimeout, maxReqTimeout, this.at)",
        replace: "line, this.subscriber!, this.environment.options.msgTimeout, maxReqTimeout, this.at)",
      },
    ],
    scenario: "office",
    caught: ["P6"],
  },
  {
    name: "a-short-buffer-waits-for-company",
    file: "core/nsqd/output.ts",
    why: "the flush timer is set by the first write of a connection only",
    edits: [
      {
        find: "    this.timer ??= this.host.timer(this.phase + (ticks + 1) * this.period, this.fire);\n",
        replace: "",
      },
    ],
    scenario: "branches",
    caught: ["P7"],
  },
  {
    name: "ids-repeat",
    file: "core/nsqd/guid.ts",
    why: "the sequence is reset, but never counted: two messages of one millisecond share an id (nsq#974)",
    edits: [{ find: "      this.sequence += 1;\n", replace: "" }],
    scenario: "shop",
    caught: ["P4"],
  },
  {
    name: "a-requeue-delay-has-no-limit",
    file: "core/nsqd/requeuedelay.ts",
    why: "max-req-timeout is checked for DPUB only (nsq#865)",
    edits: [
      {
        find: "return Math.min(ms * MILLISECOND, maxReqTimeout);",
        replace: "return ms * MILLISECOND;",
      },
    ],
    scenario: "shop",
    caught: ["P7"],
  },
  {
    name: "a-publish-delay-is-clamped",
    file: "core/nsqd/publish.ts",
    why: "as for REQ: the publisher gets OK, and his message comes too early",
    edits: [
      { find: "if (delay < 0 || delay > maxReqTimeout) {", replace: "if (delay < 0) {" },
      {
        find: "this.delayMs = Math.trunc(delay / MILLISECOND);",
        replace: "this.delayMs = Math.trunc(Math.min(delay, maxReqTimeout) / MILLISECOND);",
      },
    ],
    scenario: "shop",
    caught: ["P6"],
  },
  {
    name: "an-earlier-deadline-does-not-move-the-timer",
    file: "core/nsqd/policy/exact.ts",
    why: "one timer per channel, set when there is none",
    edits: [
      { find: "if (at < this.armedFor) this.arm(at);", replace: "if (this.armedFor === Infinity) this.arm(at);" },
    ],
    scenario: "shop",
    caught: ["P7"],
  },
  {
    name: "only-the-first-deadline-is-watched",
    file: "core/nsqd/policy/exact.ts",
    why: "the timer is not set again after it fired",
    edits: [{ find: "    if (next !== Infinity) this.arm(Math.max(next, now));\n", replace: "" }],
    scenario: "shop",
    caught: ["P7"],
  },
  {
    name: "the-wheel-looks-at-the-first-of-a-slot",
    file: "core/queue/wheel.ts",
    why: "entries of a slot are in the order of their adding, not of their instants",
    edits: [
      {
        find: "earliest = Math.min(earliest, data[record + INSTANT_HIGH]! * HALF + data[record + INSTANT_LOW]!);",
        replace: "earliest = data[this.heads[slot]! + INSTANT_HIGH]! * HALF + data[this.heads[slot]! + INSTANT_LOW]!;",
      },
    ],
    scenario: "office",
    caught: ["P7"],
  },
  {
    name: "removing-an-id-leaves-a-hole",
    file: "core/queue/idtable.ts",
    why: "open addressing without closing the gap: ids behind it cannot be found",
    edits: [
      {
        find: "if (((slot - wanted) & mask) >= ((slot - gap) & mask)) {",
        replace: "if (((slot - wanted) & mask) > ((slot - gap) & mask) + mask) {",
      },
    ],
    scenario: "shop",
    caught: ["error"],
  },
  {
    name: "a-ring-that-grows-forgets-its-beginning",
    file: "core/queue/ring.ts",
    why: "what had wrapped around is not copied when the ring is made larger",
    edits: [{ find: "    to.set(from.subarray(0, this.count - untilEnd), untilEnd);\n", replace: "" }],
    scenario: "shop",
    caught: ["error"],
  },
  {
    name: "channels-elsewhere-are-not-made",
    file: "core/nsqd/broker.ts",
    why: "a new topic starts before the channels that nsqlookupd knows are there (nsq#826)",
    edits: [{ find: "      for (const channel of channels) topic.createChannel(channel);\n", replace: "" }],
    scenario: "directory",
    caught: ["expect.delivered fewer"],
  },
];
