/** A small reader of EDN: maps, vectors, strings, integers, keywords, nil, comments. Keywords become `:name`. */
export type Edn = null | number | string | readonly Edn[] | { readonly [key: string]: Edn };

export function readEdn(text: string): Edn[] {
  const tokens = text.replaceAll(/^\s*;.*$/gm, "").match(/"(?:[^"\\]|\\.)*"|[{}[\]]|[^\s,{}[\]"]+/g) ?? [];
  let at = 0;
  const sequence = (end: string): Edn[] => {
    const items: Edn[] = [];
    while (tokens[at] !== end) items.push(value());
    at += 1;
    return items;
  };
  const value = (): Edn => {
    const token = tokens[at];
    at += 1;
    if (token === undefined) throw new Error("the text ends too early");
    if (token === "[") return sequence("]");
    if (token === "{") {
      const items = sequence("}");
      const entries = items.flatMap((key, index) => (index % 2 === 0 ? [[key as string, items[index + 1]!]] : []));
      return Object.fromEntries(entries) as Edn;
    }
    if (token === "nil") return null;
    if (token.startsWith('"')) return unescape(token.slice(1, -1));
    if (/^-?\d+$/.test(token)) return Number(token);
    if (/^:[a-z][a-z-]*$/.test(token)) return token;
    throw new Error(`no EDN: ${token}`);
  };
  const all: Edn[] = [];
  while (at < tokens.length) all.push(value());
  return all;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", '"': '"', "\\": "\\" };

function unescape(text: string): string {
  return text.replaceAll(/\\(?:u([0-9a-f]{4})|(.))/g, (_, code?: string, letter?: string) => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    const meant = ESCAPES[letter!];
    if (meant === undefined) throw new Error(`no escape of EDN: \\${letter}`);
    return meant;
  });
}
