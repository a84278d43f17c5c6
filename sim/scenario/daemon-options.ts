import { OptionError } from "../../core/nsqd/options.ts";
import type { Problem } from "./shape.ts";

interface Addresses {
  readonly tcpAddress: string;
  readonly httpAddress: string;
}

/** The options must be good for a daemon, which must listen where others know that it does. Null: they are not. */
export function checkOptions<Options extends Addresses>(
  parse: () => Options,
  path: string,
  problems: Problem[],
): Options | null {
  try {
    const options = parse();
    const addresses = { "tcp-address": options.tcpAddress, "http-address": options.httpAddress };
    for (const [flag, address] of Object.entries(addresses))
      if (!/:[1-9]\d*$/.test(address))
        problems.push({ path: `${path}.options.${flag}`, value: address, expected: "host:port, the port not 0" });
    return options;
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    problems.push({ path: `${path}.options.${error.flag}`, value: error.value, expected: error.expected });
    return null;
  }
}
