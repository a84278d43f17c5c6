import type { Environment } from "./environment.ts";
import type { Topic } from "./topic.ts";

/** The topics of a broker, as a publisher uses them. */
export interface Topics {
  topic(name: string): Topic | undefined;
  createTopic(name: string): Topic;
}

/**
 * What a connection has published, by topic; and a short cut to the topic it published to last, which is nearly always
 * the next one too.
 */
export class PublishLog {
  readonly environment: Environment;
  private readonly topics: Topics;
  private readonly counts = new Map<string, number>();
  latestName = "";
  private latest: Topic | null = null;
  /** Since the latest topic became that; not yet in {@link counts}. */
  private latestCount = 0;

  constructor(environment: Environment, topics: Topics) {
    this.environment = environment;
    this.topics = topics;
  }

  /** Whether these bytes are the name of the latest topic. */
  isLatest(bytes: Uint8Array, start: number, end: number): boolean {
    const { latestName } = this;
    const length = end - start;
    if (length !== latestName.length) return false;
    for (let at = 0; at < length; at += 1) if (bytes[start + at] !== latestName.charCodeAt(at)) return false;
    return length > 0;
  }

  find(name: string): Topic | undefined {
    return name === this.latestName && this.latest?.isGone === false ? this.latest : this.topics.topic(name);
  }

  create(name: string): Topic {
    return name === this.latestName && this.latest?.isGone === false ? this.latest : this.topics.createTopic(name);
  }

  count(topic: Topic, messages: number): void {
    if (topic !== this.latest) {
      this.settle();
      this.latest = topic;
      this.latestName = topic.name;
    }
    this.latestCount += messages;
  }

  /** Messages by topic, in the order of the first of each; empty: never published. */
  entries(): ReadonlyMap<string, number> {
    this.settle();
    return this.counts;
  }

  private settle(): void {
    if (this.latestCount > 0)
      this.counts.set(this.latestName, (this.counts.get(this.latestName) ?? 0) + this.latestCount);
    this.latestCount = 0;
  }
}
