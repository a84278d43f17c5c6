import { type Host, HostError, type HttpCall, type HttpResponse, type Timer } from "../host.ts";
import type { ClientConfig } from "./config.ts";
import { parseLookupAnswer } from "./lookup-answer.ts";
import { parseLookupdUrl } from "./lookupd-url.ts";
import type { ConsumerObserver } from "./observer.ts";

/** nsqlookupds that one poll asks at most: when one fails, the next. */
const TRIES = 3;

/** An nsqlookupd to ask. */
interface Endpoint {
  /** As it was given. */
  readonly name: string;
  /** `host:port`. */
  readonly address: string;
  readonly call: HttpCall;
}

/**
 * Asks nsqlookupds where a topic is (client semantics §3.2): at once when the first is added, then every
 * `lookupd_poll_interval`, after one random delay. Each poll asks one nsqlookupd, the next in turn; when it fails, the
 * one after it. What is found is told every time; what is found no longer is not.
 */
export class Discovery {
  private readonly host: Host;
  private readonly topic: string;
  private readonly config: ClientConfig;
  private readonly observer: ConsumerObserver;
  private readonly found: (addresses: readonly string[]) => void;
  private readonly endpoints: Endpoint[] = [];
  private next = 0;
  private isAsking = false;
  /** Another poll was wanted meanwhile. */
  private isWanted = false;
  private timer: Timer | null = null;
  private isStopped = false;

  constructor(
    host: Host,
    topic: string,
    config: ClientConfig,
    observer: ConsumerObserver,
    found: (addresses: readonly string[]) => void,
  ) {
    this.host = host;
    this.topic = topic;
    this.config = config;
    this.observer = observer;
    this.found = found;
  }

  /** Whether there is anybody to ask. */
  get isActive(): boolean {
    return this.endpoints.length > 0 && !this.isStopped;
  }

  /**
   * One more nsqlookupd; one that is known already is not asked twice.
   *
   * @throws {ClientError} as {@link parseLookupdUrl}.
   */
  add(lookupd: string): void {
    const endpoint = this.endpoint(lookupd);
    if (this.endpoints.some(({ name }) => name === lookupd)) return;
    this.endpoints.push(endpoint);
    if (this.endpoints.length > 1) return;
    this.poll();
    const { lookupdPollInterval, lookupdPollJitter } = this.config;
    const jitter = Math.floor(this.host.random("discovery").unit() * lookupdPollJitter * lookupdPollInterval);
    this.pollAt(this.host.now() + jitter + lookupdPollInterval);
  }

  /** Asks now; while a poll is under way, once more after it. */
  poll(): void {
    if (!this.isActive) return;
    if (this.isAsking) this.isWanted = true;
    else this.ask(1);
  }

  stop(): void {
    this.isStopped = true;
    this.timer?.cancel();
  }

  private pollAt(at: number): void {
    this.timer = this.host.timer(at, () => {
      this.pollAt(Math.max(at, this.host.now()) + this.config.lookupdPollInterval);
      this.poll();
    });
  }

  private ask(attempt: number): void {
    const endpoint = this.endpoints[this.next]!;
    this.next = (this.next + 1) % this.endpoints.length;
    this.isAsking = true;
    this.host.requestHttp(endpoint.address, endpoint.call, (result) => {
      if (this.isStopped) return;
      const answer = readAnswer(result);
      if (typeof answer === "string") {
        this.observer.lookupFailed?.(endpoint.name, answer);
        if (attempt < TRIES) this.ask(attempt + 1);
        else this.rest();
        return;
      }
      this.observer.lookup?.(endpoint.name, answer);
      this.found(answer);
      this.rest();
    });
  }

  private rest(): void {
    this.isAsking = false;
    const isWanted = this.isWanted;
    this.isWanted = false;
    if (isWanted) this.poll();
  }

  private endpoint(lookupd: string): Endpoint {
    const { address, path, query } = parseLookupdUrl(lookupd);
    const { authSecret, skipLookupdAuthorization, lookupdPollTimeout } = this.config;
    const target = `${path}?${query === "" ? "" : `${query}&`}topic=${this.topic.replace("#", "%23")}`;
    const headers = {
      Accept: "application/vnd.nsq; version=1.0",
      // The setting means the opposite of its name, as in go-nsq.
      ...(authSecret !== "" && skipLookupdAuthorization ? { Authorization: `Bearer ${authSecret}` } : {}),
    };
    const body = new Uint8Array(0);
    const call = { method: "GET", target, headers, body, timeout: lookupdPollTimeout, inBackground: true };
    return { name: lookupd, address, call };
  }
}

/** The addresses, or why there are none. */
function readAnswer(result: HostError | HttpResponse): readonly string[] | string {
  if (result instanceof HostError) return result.message;
  if (result.status !== 200) return `got response ${result.status}`;
  return parseLookupAnswer(result.headers, result.body) ?? "the answer is none of an nsqlookupd";
}
