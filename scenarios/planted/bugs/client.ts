import type { PlantedBug } from "../bug.ts";

/** In producers and consumers. */
export const CLIENT_BUGS: readonly PlantedBug[] = [
  {
    name: "shares-are-given-without-looking-at-the-sum",
    file: "core/client/rdy.ts",
    why: "each connection gets max-in-flight divided by the connections, before the others have made room (pynsq#177)",
    edits: [
      {
        find: "      count = Math.max(target.rdy, Math.min(count, possible));\n",
        replace: "      count = Math.max(count, Math.min(0, possible));\n",
      },
      {
        find: "    return Math.floor(Math.min(Math.max(1, this.maxInFlight / length), this.maxInFlight));",
        replace: "    return Math.ceil(Math.min(Math.max(1, this.maxInFlight / length), this.maxInFlight));",
      },
      {
        find: "    assert(this.total <= this.maxInFlight, `sum of RDY ${this.total} within max-in-flight ${this.maxInFlight}`);\n",
        replace: "",
      },
    ],
    scenario: "branches",
    caught: ["P9"],
  },
  {
    name: "a-lost-connection-keeps-its-share",
    file: "core/client/rdy.ts",
    why: "the sum is not lowered, so that less and less is left for the others (go-nsq#179)",
    edits: [{ find: "    this.total -= target.rdy;\n    target.rdy = 0;", replace: "    target.rdy = 0;" }],
    scenario: "branches",
    caught: ["P17"],
  },
  {
    name: "backoff-ends-without-rdy",
    file: "core/client/consumer.ts",
    why: "the level is 0 again, the connections stay as they are (go-nsq#106)",
    edits: [{ find: "      this.rdy.release();\n", replace: "" }],
    scenario: "branches",
    caught: ["P17"],
  },
  {
    name: "nobody-to-test-backoff-with",
    file: "core/client/consumer.ts",
    why: "no connection is there when the wait is over, and nobody waits again (go-nsq#147)",
    edits: [{ find: "        this.testAfter(TEST_RETRY);\n        return;", replace: "        return;" }],
    scenario: "branches",
    caught: ["P17"],
  },
  {
    name: "a-signal-is-counted-while-waiting",
    file: "core/client/backoff.ts",
    why: "failures of messages that were on their way start a second wait, whose end finds no gate",
    edits: [
      {
        find: "if (this.waiting || (this.level === 0",
        replace: "if ((this.level === 0",
      },
    ],
    scenario: "branches",
    caught: ["error"],
  },
  {
    name: "a-lost-connection-is-not-made-again",
    file: "core/client/consumer.ts",
    why: "the timer is set for connections that fail, not for those that end",
    edits: [
      {
        find: "    peer.reconnect = this.host.timer(",
        replace: "    if (!subscription.confirmed) peer.reconnect = this.host.timer(",
      },
    ],
    scenario: "branches",
    caught: ["P17"],
  },
  {
    name: "one-attempt-too-few",
    file: "core/client/consumer.ts",
    why: "greater or equal (nsqjs#38)",
    edits: [{ find: "message.attempts > maxAttempts", replace: "message.attempts >= maxAttempts" }],
    scenario: "branches",
    caught: ["P2"],
  },
  {
    name: "a-message-that-waits-is-forgotten",
    file: "core/client/consumer.ts",
    why: "free handlers take what arrives, not what has been waiting",
    edits: [
      {
        find: '    assert(this.handling >= 0, "a slot is freed once");\n    if (!this.dispatching) this.dispatch();',
        replace: '    assert(this.handling >= 0, "a slot is freed once");',
      },
    ],
    scenario: "branches",
    caught: ["P17"],
  },
  {
    name: "a-queue-that-grows-keeps-its-head",
    file: "core/client/fifo.ts",
    why: "the ring is copied in order to the beginning of the new one, which is then read from the old head",
    edits: [{ find: "    this.items = items;\n    this.head = 0;\n", replace: "    this.items = items;\n" }],
    scenario: "branches",
    caught: ["P17"],
  },
  {
    name: "a-lost-connection-means-ok",
    file: "core/client/producer.ts",
    why: "what was written and not refused is taken for accepted",
    edits: [
      {
        find: "next.done(next.end <= handedOver ? unknown : notSent);",
        replace: "next.done(next.end <= handedOver ? OK : notSent);",
      },
      { find: '    const unknown: PublishOutcome = { kind: "unknown", reason };\n', replace: "" },
    ],
    scenario: "branches",
    caught: ["P2"],
  },
  {
    name: "an-unknown-publish-is-reported-as-refused",
    file: "core/client/producer.ts",
    why: "the connection is gone, so it cannot have arrived (nsqjs#261)",
    edits: [
      {
        find: 'const unknown: PublishOutcome = { kind: "unknown", reason };',
        replace: 'const unknown: PublishOutcome = { kind: "error", error: reason };',
      },
    ],
    scenario: "branches",
    caught: ["P1"],
  },
  {
    name: "an-error-is-an-answer-like-ok",
    file: "core/client/producer.ts",
    why: "whatever comes back completes the publish",
    edits: [
      {
        find: '    this.complete({ kind: "error", error: text });\n',
        replace: "    this.complete(OK);\n",
      },
    ],
    scenario: "shop",
    caught: ["P2"],
  },
  {
    name: "bytes-on-their-way-are-written-over",
    file: "core/client/commands.ts",
    why: "the buffer is used again as soon as it was handed out",
    edits: [
      {
        find: "    this.start = this.end;\n    this.taken = this.written;",
        replace: "    this.start = 0;\n    this.end = 0;\n    this.taken = this.written;",
      },
    ],
    scenario: "branches",
    caught: ["P17"],
  },
  {
    name: "an-nsqd-that-was-found-is-not-found-again",
    file: "core/client/consumer.ts",
    why: "its address is still known, so the next answer of nsqlookupd is no news",
    edits: [{ find: "      this.peers.delete(peer.address);\n", replace: "" }],
    scenario: "directory",
    caught: ["expect.delivered fewer"],
  },
  {
    name: "a-failed-poll-is-the-last",
    file: "core/client/discovery.ts",
    why: "asking has not ended, so nobody asks",
    edits: [{ find: "        else this.rest();\n        return;", replace: "        return;" }],
    scenario: "directory",
    caught: ["expect.delivered fewer"],
  },
  {
    name: "nsqlookupd-is-asked-once",
    file: "core/client/discovery.ts",
    why: "the poll is not planned again",
    edits: [
      {
        find: "      this.pollAt(Math.max(at, this.host.now()) + this.config.lookupdPollInterval);\n",
        replace: "",
      },
    ],
    scenario: "directory",
    caught: ["expect.delivered fewer"],
  },
];
