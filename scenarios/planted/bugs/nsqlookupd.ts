import type { PlantedBug } from "../bug.ts";

/** In nsqlookupd, and in what nsqd tells it. */
export const NSQLOOKUPD_BUGS: readonly PlantedBug[] = [
  {
    name: "a-channel-is-registered-without-its-topic",
    file: "core/nsqlookupd/registry.ts",
    why: "REGISTER with a channel makes the key of the channel only (nsq#134)",
    edits: [
      {
        find: 'if (channel !== "") enter(this.channelKey(topic, channel), peer);\n    enter(this.topicKey(topic), peer);',
        replace:
          'if (channel !== "") enter(this.channelKey(topic, channel), peer);\n    else enter(this.topicKey(topic), peer);',
      },
    ],
    scenario: "directory",
    caught: ["P17"],
  },
  {
    name: "a-ping-is-not-a-sign-of-life",
    file: "core/nsqlookupd/session.ts",
    why: "only IDENTIFY counts, so that an nsqd is inactive after a while (nsq#106)",
    edits: [{ find: "    if (this.peer !== null) this.heard(this.peer);\n", replace: "" }],
    scenario: "directory",
    caught: ["P17"],
  },
  {
    name: "channels-are-not-registered-anew",
    file: "core/nsqd/lookup/lookup.ts",
    why: "after a restart of nsqlookupd nsqd names its topics only",
    edits: [
      {
        find: "      for (const channel of topic.channels()) commands.push(`REGISTER ${topic.name} ${channel.name}`);\n",
        replace: "",
      },
    ],
    scenario: "directory",
    caught: ["expect.delivered fewer"],
  },
];
