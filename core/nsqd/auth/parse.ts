import {
  ANY,
  ANY_BUT_NEWLINE,
  type CharSet,
  complement,
  only,
  perlClass,
  posixClass,
  range,
  unicodeClass,
  union,
} from "./charset.ts";

/** What must hold between two characters. */
export type Assertion = "begin" | "end" | "boundary" | "no-boundary";

/** A pattern taken apart. `most` may be Infinity. */
export type Node =
  | { readonly kind: "empty" }
  | { readonly kind: "character"; readonly set: CharSet }
  | { readonly kind: "assertion"; readonly assertion: Assertion }
  | { readonly kind: "sequence" | "choice"; readonly parts: readonly Node[] }
  | { readonly kind: "repeat"; readonly part: Node; readonly least: number; readonly most: number };

/** A pattern that RE2 would not compile either. */
export class PatternError extends Error {
  override readonly name = "PatternError";
}

/** RE2's own limits. */
const MOST_REPEATS = 1000;
const DEEPEST_NESTING = 1000;

const EMPTY: Node = { kind: "empty" };
const CONTROL: Readonly<Record<string, string>> = { a: "\x07", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };
const ASSERTIONS: Readonly<Record<string, Assertion>> = { A: "begin", z: "end", b: "boundary", B: "no-boundary" };

interface Flags {
  ignoresCase: boolean;
  dotIsAny: boolean;
}

/**
 * Reads a pattern in RE2's syntax, as far as it matters for whether a name matches: captures and greed do not.
 *
 * @throws PatternError
 */
export function parsePattern(pattern: string): Node {
  return new Parser(pattern).parse();
}

class Parser {
  private readonly text: string;
  private at = 0;
  private depth = 0;
  private flags: Flags = { ignoresCase: false, dotIsAny: false };

  constructor(text: string) {
    this.text = text;
  }

  parse(): Node {
    const whole = this.choice();
    if (this.at < this.text.length) throw new PatternError("unexpected )");
    return whole;
  }

  private choice(): Node {
    const parts = [this.sequence()];
    while (this.take("|")) parts.push(this.sequence());
    return parts.length === 1 ? parts[0]! : { kind: "choice", parts };
  }

  private sequence(): Node {
    const parts: Node[] = [];
    while (this.at < this.text.length && this.text[this.at] !== "|" && this.text[this.at] !== ")") {
      if (this.take("\\Q")) parts.push(...this.quoted());
      else parts.push(this.repeated(this.atom()));
    }
    return { kind: "sequence", parts };
  }

  private quoted(): Node[] {
    const end = this.text.indexOf("\\E", this.at);
    const literal = end < 0 ? this.text.slice(this.at) : this.text.slice(this.at, end);
    this.at = end < 0 ? this.text.length : end + 2;
    const nodes = Array.from(literal, (character) => this.literal(character));
    // What follows the quotation repeats its last character only.
    const last = nodes.pop();
    return last === undefined ? [] : [...nodes, this.repeated(last)];
  }

  private repeated(part: Node): Node {
    const bounds = this.quantifier();
    if (bounds === null) return part;
    if (part === EMPTY) throw new PatternError("missing argument to repetition operator");
    this.take("?");
    if (this.quantifier() !== null) throw new PatternError("invalid nested repetition operator");
    const [least, most] = bounds;
    return { kind: "repeat", part, least, most };
  }

  private quantifier(): readonly [least: number, most: number] | null {
    if (this.take("*")) return [0, Infinity];
    if (this.take("+")) return [1, Infinity];
    if (this.take("?")) return [0, 1];
    const braces = this.match(/\{(\d+)(,(\d*))?\}/y);
    if (braces === null) return null;
    const least = Number(braces[1]);
    const most = braces[2] === undefined ? least : braces[3] === "" ? Infinity : Number(braces[3]);
    if (least > MOST_REPEATS || (most !== Infinity && most > MOST_REPEATS) || least > most) {
      throw new PatternError("invalid repeat count");
    }
    return [least, most];
  }

  private atom(): Node {
    if (this.take("(")) return this.group();
    if (this.take("[")) return { kind: "character", set: this.bracket() };
    if (this.take("^")) return { kind: "assertion", assertion: "begin" };
    if (this.take("$")) return { kind: "assertion", assertion: "end" };
    if (this.take(".")) return { kind: "character", set: this.flags.dotIsAny ? ANY : ANY_BUT_NEWLINE };
    if (this.quantifier() !== null) throw new PatternError("missing argument to repetition operator");
    if (this.take("\\")) return this.escape();
    return this.literal(this.next());
  }

  private group(): Node {
    const before = this.flags;
    if (this.take("?")) {
      const named = this.match(/P?<([A-Za-z0-9_]+)>/y);
      if (named === null && this.setFlags()) return EMPTY;
    }
    this.depth += 1;
    if (this.depth > DEEPEST_NESTING) throw new PatternError("expression nests too deeply");
    const inner = this.choice();
    if (!this.take(")")) throw new PatternError("missing closing )");
    this.depth -= 1;
    this.flags = before;
    return { kind: "sequence", parts: [inner] };
  }

  /** `(?i)` and `(?i:…)`, behind the question mark; true: there is no group, they hold from here on. */
  private setFlags(): boolean {
    const found = this.match(/([imsU]*)(?:-([imsU]+))?([:)])/y);
    if (found === null || (found[3] === ")" && found[1] === "" && found[2] === undefined)) {
      throw new PatternError("invalid or unsupported Perl syntax");
    }
    const [, on = "", off = "", end] = found;
    const decide = (letter: string, current: boolean): boolean =>
      off.includes(letter) ? false : on.includes(letter) || current;
    const { ignoresCase, dotIsAny } = this.flags;
    this.flags = { ignoresCase: decide("i", ignoresCase), dotIsAny: decide("s", dotIsAny) };
    return end === ")";
  }

  /** Behind a backslash, outside of brackets. */
  private escape(): Node {
    const assertion = ASSERTIONS[this.text[this.at] ?? ""];
    if (assertion !== undefined) {
      this.at += 1;
      return { kind: "assertion", assertion };
    }
    return { kind: "character", set: this.escapedClass() ?? only(this.escapedCharacter(), this.flags.ignoresCase) };
  }

  private escapedClass(): CharSet | null {
    const unicode = this.match(/([pP])(?:\{(\^?)(\w+)\}|([A-Z]))/y);
    if (unicode !== null) {
      const set = unicodeClass(unicode[3] ?? unicode[4] ?? "");
      if (set === null) throw new PatternError("invalid character class range");
      return (unicode[1] === "P") !== (unicode[2] === "^") ? complement(set) : set;
    }
    const set = perlClass(this.text[this.at] ?? "");
    if (set !== null) this.at += 1;
    return set;
  }

  private escapedCharacter(): string {
    const hex = this.match(/x(?:([\dA-Fa-f]{2})|\{([\dA-Fa-f]+)\})/y);
    if (hex !== null) return fromCode(Number.parseInt(hex[1] ?? hex[2] ?? "", 16));
    // A single digit from 1 on would be a back reference, which RE2 does not have.
    const octal = this.match(/0[0-7]{0,2}|[1-7][0-7]{1,2}/y);
    if (octal !== null) return fromCode(Number.parseInt(octal[0], 8));
    const character = this.next();
    const control = CONTROL[character];
    if (control !== undefined) return control;
    if (/[0-9A-Za-z]/.test(character) || character > "\x7f") throw new PatternError("invalid escape sequence");
    return character;
  }

  /** Behind the opening bracket. */
  private bracket(): CharSet {
    const isNegated = this.take("^");
    const sets: CharSet[] = [];
    for (let isFirst = true; isFirst || this.text[this.at] !== "]"; isFirst = false) sets.push(this.member());
    this.at += 1;
    const set = union(sets);
    return isNegated ? complement(set) : set;
  }

  private member(): CharSet {
    const posix = this.match(/\[:(\^?\w+):\]/y);
    if (posix !== null) {
      const set = posixClass(posix[1] ?? "");
      if (set === null) throw new PatternError("invalid character class range");
      return set;
    }
    if (this.text[this.at] === "\\") {
      this.at += 1;
      const set = this.escapedClass();
      if (set !== null) return set;
      this.at -= 1;
    }
    const from = this.bracketCharacter();
    const isRange = this.text[this.at] === "-" && this.at + 1 < this.text.length && this.text[this.at + 1] !== "]";
    if (!isRange) return only(from, this.flags.ignoresCase);
    this.at += 1;
    const to = this.bracketCharacter();
    if (to < from) throw new PatternError("invalid character class range");
    return range(from, to, this.flags.ignoresCase);
  }

  private bracketCharacter(): string {
    return this.take("\\") ? this.escapedCharacter() : this.next();
  }

  private literal(character: string): Node {
    return { kind: "character", set: only(character, this.flags.ignoresCase) };
  }

  private next(): string {
    if (this.at >= this.text.length) throw new PatternError("unexpected end of pattern");
    const character = String.fromCodePoint(this.text.codePointAt(this.at)!);
    this.at += character.length;
    return character;
  }

  private take(text: string): boolean {
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  private match(sticky: RegExp): RegExpExecArray | null {
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.text);
    if (found !== null) this.at = sticky.lastIndex;
    return found;
  }
}

function fromCode(code: number): string {
  if (code > 0x10ffff) throw new PatternError("invalid escape sequence");
  return String.fromCodePoint(code);
}
