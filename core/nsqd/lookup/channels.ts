import { type Host, HostError } from "../../host.ts";
import { isEphemeral, isValidName } from "../../protocol/names.ts";
import { bytesOf } from "../../protocol/text.ts";
import type { NsqdOptions } from "../options.ts";
import { parseChannels } from "./answers.ts";

const NO_BODY = new Uint8Array(0);

/**
 * Asks all the nsqlookupds for the lasting channels of a topic (nsqd-semantics §1.1).
 *
 * @param addresses `host:port` of their HTTP
 * @param done called once, when all have answered or failed: the union, in alphabetical order
 */
export function findChannels(
  host: Host,
  topic: string,
  addresses: readonly string[],
  options: NsqdOptions,
  done: (channels: readonly string[]) => void,
): void {
  const found = new Set<string>();
  const failures: string[] = [];
  let waiting = addresses.length;
  const answered = (address: string, answer: readonly string[] | string): void => {
    if (typeof answer === "string") failures.push(`${address}: ${answer}`);
    else for (const name of answer) if (isValidName(name) && !isEphemeral(name)) found.add(name);
    waiting -= 1;
    if (waiting > 0) return;
    if (failures.length > 0) {
      const what = `failed to query nsqlookupd for channels to pre-create for topic ${topic}`;
      host.log("warn", `${what} - ${failures.join("; ")}`);
    }
    done([...found].sort());
  };
  for (const address of addresses) ask(host, topic, address, options, (answer) => answered(address, answer));
}

/** The channels, or why there is no answer. */
function ask(
  host: Host,
  topic: string,
  address: string,
  options: NsqdOptions,
  done: (answer: readonly string[] | string) => void,
): void {
  const { httpClientConnectTimeout, httpClientRequestTimeout } = options;
  const call = {
    method: "GET",
    target: `/channels?topic=${topic.replace("#", "%23")}`,
    headers: { Accept: "application/vnd.nsq; version=1.0" },
    body: NO_BODY,
    // 0 is no limit.
    ...(httpClientConnectTimeout > 0 ? { connectTimeout: httpClientConnectTimeout } : {}),
    ...(httpClientRequestTimeout > 0 ? { timeout: httpClientRequestTimeout } : {}),
  };
  host.requestHttp(address, call, (result) => {
    if (result instanceof HostError) return done(result.message);
    if (result.status !== 200) return done(`got response ${result.status}`);
    const body = typeof result.body === "string" ? bytesOf(result.body) : result.body;
    return done(parseChannels(body) ?? "the answer is no list of channels");
  });
}
