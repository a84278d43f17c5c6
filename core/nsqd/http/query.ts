/** The arguments of a query string: the first value of a name wins. */
export type Query = ReadonlyMap<string, string>;

/**
 * Decodes a query string as Go's `url.ParseQuery` does; null when it cannot be decoded: a `%` without two hex digits, or a `;`.
 * Bytes that are no UTF-8 become U+FFFD, which no name may contain.
 */
export function parseQuery(query: string): Query | null {
  const found = new Map<string, string>();
  if (query === "") return found;
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = unescape(equals === -1 ? pair : pair.slice(0, equals));
    const value = unescape(equals === -1 ? "" : pair.slice(equals + 1));
    if (name === null || value === null || pair.includes(";")) return null;
    if (!found.has(name)) found.set(name, value);
  }
  return found;
}

function unescape(text: string): string | null {
  return percentDecode(text.replaceAll("+", " "));
}

/** Undoes percent-encoding; null when a `%` is not followed by two hex digits. */
export function percentDecode(text: string): string | null {
  if (!text.includes("%")) return text;
  if (/%(?![\da-fA-F]{2})/.test(text)) return null;
  try {
    return decodeURIComponent(text);
  } catch {
    return decodeURIComponent(text.replaceAll(/%[89a-fA-F][\da-fA-F]/g, "\ufffd"));
  }
}
