import { isEphemeral } from "../protocol/names.ts";
import type { Peer, Registration } from "./producer.ts";

/** The registrations of one key, in the order they were made. */
export type Registrations = ReadonlyMap<Peer, Registration>;

const NONE: Registrations = new Map();

/**
 * Which nsqd has which topics and channels (nsqlookupd §A3). A *key* is a topic, or a channel of a topic. Keys and
 * those registered under them come and go apart: a key stays when its last producer leaves, and a channel's key does
 * not need its topic's. Everything is kept, and answered, in the order of its creation.
 */
export class Registry {
  private readonly identified = new Set<Peer>();
  private readonly byTopic = new Map<string, Map<Peer, Registration>>();
  private readonly byChannel = new Map<string, Map<string, Map<Peer, Registration>>>();

  /** Every nsqd that is connected. */
  peers(): Iterable<Peer> {
    return this.identified;
  }

  topics(): Iterable<string> {
    return this.byTopic.keys();
  }

  hasTopic(topic: string): boolean {
    return this.byTopic.has(topic);
  }

  channels(topic: string): Iterable<string> {
    return this.byChannel.get(topic)?.keys() ?? [];
  }

  /** Those who have the topic. */
  producers(topic: string): Registrations {
    return this.byTopic.get(topic) ?? NONE;
  }

  /** Calls `visit` for each channel key. */
  visitChannels(visit: (topic: string, channel: string, registrations: Registrations) => void): void {
    for (const [topic, channels] of this.byChannel) {
      for (const [channel, registrations] of channels) visit(topic, channel, registrations);
    }
  }

  /** IDENTIFY. */
  add(peer: Peer): void {
    this.identified.add(peer);
  }

  /** The connection is gone: its registrations go, the keys stay, ephemeral ones too. */
  remove(peer: Peer): void {
    this.identified.delete(peer);
    for (const registrations of this.byTopic.values()) registrations.delete(peer);
    for (const channels of this.byChannel.values()) {
      for (const registrations of channels.values()) registrations.delete(peer);
    }
  }

  /** REGISTER. What is registered already stays as it is, with its tombstone. `channel` "": the topic alone. */
  register(peer: Peer, topic: string, channel: string): void {
    if (channel !== "") enter(this.channelKey(topic, channel), peer);
    enter(this.topicKey(topic), peer);
  }

  /** UNREGISTER of a channel: its key goes only when it is ephemeral and nobody has it any more. */
  unregisterChannel(peer: Peer, topic: string, channel: string): void {
    const registrations = this.byChannel.get(topic)?.get(channel);
    registrations?.delete(peer);
    if (registrations?.size === 0 && isEphemeral(channel)) this.deleteChannel(topic, channel);
  }

  /**
   * UNREGISTER of a topic, from all its channels as well. The keys of the channels stay; that of the topic goes only
   * when it is ephemeral and nobody has it any more.
   *
   * @returns the channels that were still registered
   */
  unregisterTopic(peer: Peer, topic: string): string[] {
    const left: string[] = [];
    for (const [channel, registrations] of this.byChannel.get(topic) ?? []) {
      if (registrations.delete(peer)) left.push(channel);
    }
    const registrations = this.byTopic.get(topic);
    registrations?.delete(peer);
    if (registrations?.size === 0 && isEphemeral(topic)) this.byTopic.delete(topic);
    return left;
  }

  createTopic(topic: string): void {
    this.topicKey(topic);
  }

  /** Makes the topic's key too. */
  createChannel(topic: string, channel: string): void {
    this.channelKey(topic, channel);
    this.topicKey(topic);
  }

  /** With its channels and all registrations. Unknown names are fine. */
  deleteTopic(topic: string): void {
    this.byChannel.delete(topic);
    this.byTopic.delete(topic);
  }

  /** False: there is none. */
  deleteChannel(topic: string, channel: string): boolean {
    const channels = this.byChannel.get(topic);
    if (channels === undefined || !channels.delete(channel)) return false;
    if (channels.size === 0) this.byChannel.delete(topic);
    return true;
  }

  private topicKey(topic: string): Map<Peer, Registration> {
    return keyIn(this.byTopic, topic, () => new Map());
  }

  private channelKey(topic: string, channel: string): Map<Peer, Registration> {
    const channels = keyIn(this.byChannel, topic, () => new Map<string, Map<Peer, Registration>>());
    return keyIn(channels, channel, () => new Map());
  }
}

function keyIn<V>(map: Map<string, V>, key: string, make: () => V): V {
  let found = map.get(key);
  if (found === undefined) {
    found = make();
    map.set(key, found);
  }
  return found;
}

function enter(registrations: Map<Peer, Registration>, peer: Peer): void {
  if (!registrations.has(peer)) registrations.set(peer, { peer, tombstone: null });
}
