import type { PlantedBug } from "../bug.ts";

const file = "core/nsqd/topic.ts";

/** In the topic: publishing, fan-out, channels that come and go. */
export const TOPIC_BUGS: readonly PlantedBug[] = [
  {
    name: "a-body-is-that-of-the-message-before",
    file,
    why: "the buffer of a body is used again before it was copied",
    edits: [
      {
        find: "    sealMessage(this.slab, handle, this.environment.time, this.ids);\n",
        replace: `    sealMessage(this.slab, handle, this.environment.time, this.ids);
    const page = this.slab.page(handle);
    const body = this.slab.offset(handle) + MESSAGE_HEADER;
    if (this.messages % 12 === 11) page.set(this.before, body);
    else this.before = page.slice(body, body + 24);
`,
      },
      {
        find: "  private isPumping = false;\n",
        replace: "  private isPumping = false;\n  private before = new Uint8Array(0);\n",
      },
    ],
    scenario: "shop",
    caught: ["P1"],
  },
  {
    name: "a-new-channel-inherits-the-last-message",
    file,
    why: "the message at hand is kept for channels that come while it is copied",
    edits: [
      {
        find: "    const channel = new Channel(this.environment, this, name);\n    this.byName.set(name, channel);",
        replace: `    const channel = new Channel(this.environment, this, name);
    if (this.latest >= 0 && this.byName.size > 0) {
      this.slab.retain(this.latest, 1);
      channel.accept(this.latest, 0, this.environment.host.now());
    }
    this.byName.set(name, channel);`,
      },
      { find: "  private isPumping = false;\n", replace: "  private isPumping = false;\n  private latest = -1;\n" },
      {
        find: "      const { list } = this;\n      if (list.length > 1)",
        replace: `      if (this.latest >= 0) this.slab.release(this.latest);
      this.slab.retain(handle, 1);
      this.latest = handle;
      const { list } = this;
      if (list.length > 1)`,
      },
    ],
    scenario: "shop",
    caught: ["P10"],
  },
  {
    name: "the-list-of-channels-is-stale",
    file,
    why: "the pump walks a copy, which is renewed for the first channels only",
    edits: [
      {
        find: '    this.list = [...this.byName.values()];\n    this.environment.host.log("info", `TOPIC(${this.name}): new channel(${name})`);',
        replace:
          '    if (this.list.length < 2) this.list = [...this.byName.values()];\n    this.environment.host.log("info", `TOPIC(${this.name}): new channel(${name})`);',
      },
    ],
    scenario: "shop",
    caught: ["P2", "P10"],
  },
  {
    name: "one-holder-too-few",
    file,
    why: "the message is counted for all channels but one, so its memory is used again too early",
    edits: [
      {
        find: "if (list.length > 1) this.slab.retain(handle, list.length - 1);",
        replace: "if (list.length > 2) this.slab.retain(handle, list.length - 2);",
      },
    ],
    scenario: "shop",
    caught: ["error"],
  },
  {
    name: "a-delay-of-milliseconds-counts-as-microseconds",
    file,
    why: "a number without its unit",
    edits: [{ find: "backlog.takenNumber * MILLISECOND", replace: "backlog.takenNumber" }],
    scenario: "shop",
    caught: ["P6"],
  },
  {
    name: "a-batch-loses-its-last",
    file,
    why: "the loop ends one too early when there is more than one",
    edits: [
      {
        find: "for (let index = 0; index < handles.length; index += 1) {\n      const handle",
        replace: "for (let index = 0; index < Math.max(1, handles.length - 1); index += 1) {\n      const handle",
      },
    ],
    scenario: "shop",
    caught: ["P2"],
  },
  {
    name: "a-batch-that-overflows-loses-one",
    file,
    why: "the part that goes to disk starts one too late",
    edits: [{ find: "? backlog.store(handles, room) : null;", replace: "? backlog.store(handles, room + 1) : null;" }],
    scenario: "warehouse",
    caught: ["P16"],
  },
  {
    name: "a-topic-unpaused-does-not-go-on",
    file,
    why: "the pump is started by publishes only",
    edits: [{ find: "    if (!paused) this.pump(this.environment.host.now());\n", replace: "" }],
    scenario: "office",
    caught: ["P7"],
  },
];
