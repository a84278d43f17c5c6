import type { PlantedBug } from "../bug.ts";

const file = "core/nsqd/channel.ts";

/** In the channel: delivery, answers, deadlines, operators. */
export const CHANNEL_BUGS: readonly PlantedBug[] = [
  {
    name: "requeue-loses-the-message",
    file,
    why: "the way back into the queue fails, and nobody looks at that",
    edits: [
      {
        find: "    else this.put(this.settled(handle, 0), attempts);\n    this.returned(client);",
        replace: "    else this.slab.release(handle);\n    this.returned(client);",
      },
    ],
    scenario: "shop",
    caught: ["P2"],
  },
  {
    name: "fin-does-not-remove-the-message",
    file,
    why: "FIN is counted, and nothing else comes of it",
    edits: [
      {
        find: '"finish", handle, this.inFlight.attempts(record), "");\n    this.inFlight.remove(record);',
        replace: `"finish", handle, this.inFlight.attempts(record), "");
    client.finishes += 1;
    if (client.finishes > 0) return null;
    this.inFlight.remove(record);`,
      },
    ],
    scenario: "shop",
    caught: ["P4"],
  },
  {
    name: "two-clients-get-the-message",
    file,
    why: "a message that may have a second reader: the lock covers the choice of the client, not the sending",
    edits: [
      {
        find: "    this.deadlines.added(deadline);\n    client.inFlight += 1;\n",
        replace: `    this.deadlines.added(deadline);
    for (const other of this.clients.values()) {
      if (other === client || attempts > 1) continue;
      other.output.message(page, offset, frameLength(page, offset), attempts + 1);
      break;
    }
    client.inFlight += 1;
`,
      },
    ],
    scenario: "shop",
    caught: ["P5"],
  },
  {
    name: "a-timeout-fires-1-ms-early",
    file,
    why: "the scan rounds to whole milliseconds, and looks one ahead",
    edits: [
      {
        find: "const deadline = now + client.deliveryTimeout;",
        replace: "const deadline = now + client.deliveryTimeout - 1_000;",
      },
    ],
    scenario: "shop",
    caught: ["P6"],
  },
  {
    name: "a-timeout-fires-300-ms-late",
    file,
    why: "deadlines are looked at every third of a second",
    edits: [
      {
        find: "const deadline = now + client.deliveryTimeout;",
        replace: "const deadline = now + client.deliveryTimeout + 300_000;",
      },
    ],
    scenario: "shop",
    caught: ["P7"],
  },
  {
    name: "a-delay-ends-1-ms-early",
    file,
    why: "the same rounding, for what was put off",
    edits: [
      {
        find: "this.deferred.add(this.settled(handle, delay), attempts, now + delay);",
        replace: "this.deferred.add(this.settled(handle, delay), attempts, now + delay - 1_000);",
      },
      { find: "this.deadlines.added(now + delay);", replace: "this.deadlines.added(now + delay - 1_000);" },
    ],
    scenario: "shop",
    caught: ["P6"],
  },
  {
    name: "a-delay-ends-50-ms-late",
    file,
    why: "a timer wheel with slots of 50 ms",
    edits: [
      {
        find: "this.deferred.add(this.settled(handle, delay), attempts, now + delay);",
        replace: "this.deferred.add(this.settled(handle, delay), attempts, now + delay + 50_000);",
      },
    ],
    scenario: "shop",
    caught: ["P7"],
  },
  {
    name: "the-timer-of-a-delivery-is-forgotten",
    file,
    why: "the deadline is stored, but nobody is told to look at it",
    edits: [
      {
        find: "client.number, now, deadline);\n    this.deadlines.added(deadline);",
        replace: "client.number, now, deadline);",
      },
    ],
    scenario: "branches",
    caught: ["P17"],
  },
  {
    name: "the-timer-of-a-delay-is-forgotten",
    file,
    why: "the same for a message that is put off: it comes when some other deadline passes",
    edits: [{ find: "    this.deadlines.added(now + delay);\n", replace: "" }],
    scenario: "shop",
    caught: ["P7"],
  },
  {
    name: "touch-is-forgotten",
    file,
    why: "TOUCH is answered, and does nothing",
    edits: [{ find: "    this.inFlight.touch(record, deadline);\n    this.deadlines.added(deadline);\n", replace: "" }],
    scenario: "shop",
    caught: ["P6"],
  },
  {
    name: "touch-goes-beyond-the-ceiling",
    file,
    why: "max-msg-timeout is not looked at",
    edits: [{ find: "Math.min(now + timeout, latest)", replace: "now + timeout" }],
    scenario: "shop",
    caught: ["P7"],
  },
  {
    name: "touch-adds-nothing-to-a-short-timeout",
    file,
    why: "the new deadline counts from the delivery, not from the TOUCH",
    edits: [
      {
        find: "const deadline = Math.min(now + timeout, latest);",
        replace: "const deadline = Math.min(this.inFlight.deliveredAt(record) + timeout, latest);",
      },
    ],
    scenario: "shop",
    caught: ["P6"],
  },
  {
    name: "attempts-are-not-counted",
    file,
    why: "the number is taken from the message, which is shared by the channels",
    edits: [{ find: "(backlog.takenNumber + 1) & 0xffff", replace: "1" }],
    scenario: "shop",
    caught: ["P8"],
  },
  {
    name: "attempts-count-double",
    file,
    why: "counted when it is sent, and when it is queued",
    edits: [{ find: "(backlog.takenNumber + 1) & 0xffff", replace: "(backlog.takenNumber + 2) & 0xffff" }],
    scenario: "shop",
    caught: ["P8"],
  },
  {
    name: "a-delay-starts-attempts-anew",
    file,
    why: "the set of what is put off was made for publishes, which have no attempts",
    edits: [{ find: "this.defer(handle, attempts, delay, now);", replace: "this.defer(handle, 0, delay, now);" }],
    scenario: "shop",
    caught: ["P8"],
  },
  {
    name: "anybody-may-finish",
    file,
    why: "the owner is not compared: the late FIN of a first run ends the second (nsq#729)",
    edits: [
      {
        find: `    if (this.inFlight.owner(record) !== client.number) return "client does not own message";
    const handle = this.inFlight.handle(record);
    if (this.environment.probe !== null) this.probe("finish"`,
        replace: `    const handle = this.inFlight.handle(record);
    client.inFlight += this.inFlight.owner(record) === client.number ? 0 : 1;
    if (this.environment.probe !== null) this.probe("finish"`,
      },
    ],
    scenario: "shop",
    caught: ["P5"],
  },
  {
    name: "a-timeout-keeps-the-slot",
    file,
    why: "the message goes back, but its client still counts it as in flight",
    edits: [{ find: "    if (owner !== undefined) this.returned(owner);\n", replace: "" }],
    scenario: "shop",
    caught: ["P7"],
  },
  {
    name: "a-returned-message-wakes-nobody",
    file,
    why: "a client that was full is not put back among the ready ones",
    edits: [{ find: "    if (!client.isListed) this.readinessChanged(client);\n", replace: "" }],
    scenario: "straw",
    caught: ["P17"],
  },
  {
    name: "a-gone-client-gets-messages",
    file,
    why: "the list of ready clients is not told that one has left",
    edits: [
      { find: "    if (client.isListed) this.picker.remove(client);\n    client.isListed = false;\n", replace: "" },
    ],
    scenario: "branches",
    caught: ["P17"],
  },
  {
    name: "a-publish-delay-is-ignored-by-channels",
    file,
    why: "only REQ puts messages off; DPUB was added later",
    edits: [{ find: "if (delay > 0) return this.defer(handle, 0, delay, now);", replace: "" }],
    scenario: "shop",
    caught: ["P6"],
  },
  {
    name: "fan-out-misses-every-tenth",
    file,
    why: "a copy fails for a moment on all channels but the first, and is not tried again",
    edits: [
      {
        find: "    this.messages += 1;\n    if (this.environment.probe",
        replace: `    this.messages += 1;
    const [first] = this.topic.channels();
    if (this.messages % 10 === 0 && this !== first) return this.slab.release(handle);
    if (this.environment.probe`,
      },
    ],
    scenario: "shop",
    caught: ["P2", "P10"],
  },
  {
    name: "depth-counts-one-too-many",
    file,
    why: "the message at hand is counted as still queued",
    edits: [{ find: "return this.backlog.depth;", replace: "return this.backlog.depth + 1;" }],
    scenario: "shop",
    caught: ["P16"],
  },
  {
    name: "in-flight-goes-below-zero",
    file,
    why: "decremented by FIN, and by the timeout that follows",
    edits: [{ find: "return this.inFlight.length;", replace: "return this.inFlight.length - 1;" }],
    scenario: "shop",
    caught: ["P16"],
  },
  {
    name: "unpause-wakes-nobody",
    file,
    why: "the pause is lifted; the backlog waits for the next message or FIN",
    edits: [{ find: "    else this.deliver(this.environment.host.now());\n", replace: "" }],
    scenario: "office",
    caught: ["P7"],
  },
  {
    name: "empty-leaves-the-clients-counters",
    file,
    why: "emptied messages can never be answered, so their clients stay full for good",
    edits: [{ find: "      client.inFlight = 0;\n", replace: "" }],
    scenario: "office",
    caught: ["P17"],
  },
  {
    name: "a-stop-forgets-what-is-in-flight",
    file,
    why: "only queues are written at the end; what clients have is in neither",
    edits: [
      {
        find: "      inFlight.clear((record) => backlog.spill(inFlight.handle(record), inFlight.attempts(record)));\n",
        replace: "",
      },
    ],
    scenario: "warehouse",
    caught: ["P2"],
  },
  {
    name: "a-stop-forgets-what-is-put-off",
    file,
    why: "the same for messages that wait for their instant (nsq#674)",
    edits: [
      {
        find: "      deferred.clear((record) => backlog.spill(deferred.handle(record), deferred.attempts(record)));\n",
        replace: "",
      },
    ],
    scenario: "warehouse",
    caught: ["P2"],
  },
];
