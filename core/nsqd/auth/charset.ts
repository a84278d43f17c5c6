/** Which of the ASCII characters: names hold no others (protocol §3), so a pattern never meets them. */
export type CharSet = Uint8Array;

const ASCII = 128;

function charSet(isMember: (character: string) => boolean): CharSet {
  return Uint8Array.from({ length: ASCII }, (_, code) => Number(isMember(String.fromCharCode(code))));
}

export function only(character: string, ignoresCase: boolean): CharSet {
  if (!ignoresCase) return charSet((each) => each === character);
  const lower = character.toLowerCase();
  return charSet((each) => each.toLowerCase() === lower);
}

export function range(from: string, to: string, ignoresCase: boolean): CharSet {
  const isWithin = (each: string): boolean => each >= from && each <= to;
  if (!ignoresCase) return charSet(isWithin);
  return charSet((each) => isWithin(each.toLowerCase()) || isWithin(each.toUpperCase()));
}

export function union(sets: readonly CharSet[]): CharSet {
  return Uint8Array.from({ length: ASCII }, (_, code) => Number(sets.some((set) => set[code] === 1)));
}

export function complement(set: CharSet): CharSet {
  return set.map((bit) => 1 - bit);
}

export const ANY = charSet(() => true);
export const ANY_BUT_NEWLINE = charSet((each) => each !== "\n");
export const WORD = charSet((each) => /\w/.test(each));

const PERL: Readonly<Record<string, CharSet>> = {
  d: charSet((each) => /\d/.test(each)),
  w: WORD,
  s: charSet((each) => /[\t\n\f\r ]/.test(each)),
};

/** `\d`, `\W`, …; null: no such class. */
export function perlClass(letter: string): CharSet | null {
  const set = PERL[letter.toLowerCase()];
  if (set === undefined) return null;
  return letter === letter.toLowerCase() ? set : complement(set);
}

const POSIX: Readonly<Record<string, RegExp>> = {
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  ascii: /[^]/,
  blank: /[\t ]/,
  cntrl: /[^ -~]/,
  digit: /\d/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[\t\n\v\f\r ]/,
  upper: /[A-Z]/,
  word: /\w/,
  xdigit: /[\dA-Fa-f]/,
};

/** `[:alpha:]`, `[:^alpha:]`; null: no such class. */
export function posixClass(name: string): CharSet | null {
  const expression = POSIX[name.replace(/^\^/, "")];
  if (expression === undefined) return null;
  const set = charSet((each) => expression.test(each));
  return name.startsWith("^") ? complement(set) : set;
}

/** `\pL`, `\p{Greek}`; null: no such property. */
export function unicodeClass(name: string): CharSet | null {
  for (const property of [name, `Script=${name}`]) {
    try {
      const expression = new RegExp(`^\\p{${property}}$`, "u");
      return charSet((each) => expression.test(each));
    } catch {
      // Not that one.
    }
  }
  return null;
}
