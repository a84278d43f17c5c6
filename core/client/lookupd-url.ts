import { ClientError } from "./error.ts";

/** Where an nsqlookupd answers HTTP. */
export interface LookupdUrl {
  /** `host:port`. */
  readonly address: string;
  readonly path: string;
  /** Without the `?`; "": none. */
  readonly query: string;
}

/**
 * An nsqlookupd as users give it: `host:port`, or `http://host:port/path?query`. The path is /lookup unless given.
 *
 * @throws {ClientError} `invalid-argument` for anything else; the port must be there.
 */
export function parseLookupdUrl(lookupd: string): LookupdUrl {
  const match = /^(?:http:\/\/)?([^/?#\s]+:(\d{1,5}))(\/[^?#\s]*)?(?:\?([^#\s]*))?$/.exec(lookupd);
  const [, address = "", port = "0", path = "/", query = ""] = match ?? [];
  if (Number(port) < 1 || Number(port) > 65_535) {
    const expected = "an nsqlookupd is host:port of its HTTP, or http://host:port/path?query";
    throw new ClientError("invalid-argument", `${expected}, not ${JSON.stringify(lookupd)}`);
  }
  return { address, path: path === "/" ? "/lookup" : path, query };
}
