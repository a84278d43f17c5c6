/** The messages of a producer with keys, each with the one before it of the same topic and key. */
export class Keys {
  /** By topic, then by key: the business id published last. */
  private readonly latest = new Map<string, number[]>();
  private readonly before = new Map<number, number>();

  /** The next message of its key is published. */
  add(topic: string, keys: number, business: number): void {
    let latest = this.latest.get(topic);
    if (latest === undefined) this.latest.set(topic, (latest = []));
    const key = business % keys;
    this.before.set(business, latest[key] ?? 0);
    latest[key] = business;
  }

  /** Business id of the message before it, 0 for the first of its key, -1: it has no key. */
  beforeOf(business: number): number {
    return this.before.get(business) ?? -1;
  }
}
