import { unreachable } from "../../assert.ts";
import { type CharSet, WORD } from "./charset.ts";
import { type Assertion, type Node, parsePattern, PatternError } from "./parse.ts";

/** Steps of the largest program: what repetitions unfold to is bounded, and with it the time of a match. */
const LARGEST_PROGRAM = 10_000;

type Step =
  | { readonly kind: "character"; readonly set: CharSet; readonly next: number }
  | { readonly kind: "assertion"; readonly assertion: Assertion; readonly next: number }
  | { readonly kind: "split"; next: number; readonly other: number }
  | { readonly kind: "match" };

/**
 * A pattern of an auth server, which is RE2's and not anchored (protocol §13). JavaScript's own expressions backtrack: one
 * bad pattern could stop the broker for good. This one goes through the text once, with all the ways of matching it side
 * by side, as RE2 does.
 */
export class Pattern {
  private readonly steps: Step[] = [{ kind: "match" }];
  private readonly entry: number;
  /** In which round a step was last reached. */
  private readonly reached: Uint32Array;
  private round = 0;

  /** @throws PatternError when RE2 would refuse it, or it unfolds to too much. */
  constructor(pattern: string) {
    this.entry = this.compile(parsePattern(pattern), 0);
    this.reached = new Uint32Array(this.steps.length);
  }

  /** Whether the pattern is found anywhere in an ASCII text. */
  isIn(text: string): boolean {
    let current: number[] = [];
    for (let at = 0; at <= text.length; at += 1) {
      this.round += 1;
      const ways: number[] = [];
      const code = text.charCodeAt(at);
      for (const way of [...current, this.entry]) if (this.follow(way, text, at, ways)) return true;
      current = [];
      for (const way of ways) {
        const step = this.steps[way]!;
        if (step.kind === "character" && step.set[code] === 1) current.push(step.next);
      }
    }
    return false;
  }

  /** Goes on from a step to all characters that may come next; true: the pattern has come to its end. */
  private follow(from: number, text: string, at: number, ways: number[]): boolean {
    const open = [from];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (this.reached[index] === this.round) continue;
      this.reached[index] = this.round;
      const step = this.steps[index]!;
      if (step.kind === "match") return true;
      if (step.kind === "character") ways.push(index);
      else if (step.kind === "split") open.push(step.next, step.other);
      else if (holds(step.assertion, text, at)) open.push(step.next);
    }
    return false;
  }

  /** Adds the steps of a node that goes on at `next`; returns where it begins. */
  private compile(node: Node, next: number): number {
    switch (node.kind) {
      case "empty":
        return next;
      case "character":
        return this.add({ kind: "character", set: node.set, next });
      case "assertion":
        return this.add({ kind: "assertion", assertion: node.assertion, next });
      case "sequence":
        return node.parts.reduceRight((after, part) => this.compile(part, after), next);
      case "choice":
        return node.parts
          .map((part) => this.compile(part, next))
          .reduce((one, other) => this.add({ kind: "split", next: one, other }));
      case "repeat":
        return this.repeat(node.part, node.least, node.most, next);
      default:
        return unreachable(node);
    }
  }

  private repeat(part: Node, least: number, most: number, next: number): number {
    let entry = next;
    if (most === Infinity) {
      const loop: Step = { kind: "split", next, other: next };
      entry = this.add(loop);
      loop.next = this.compile(part, entry);
    } else {
      for (let count = least; count < most; count += 1) {
        entry = this.add({ kind: "split", next: this.compile(part, entry), other: next });
      }
    }
    for (let count = 0; count < least; count += 1) entry = this.compile(part, entry);
    return entry;
  }

  private add(step: Step): number {
    if (this.steps.length >= LARGEST_PROGRAM) throw new PatternError("expression too large");
    return this.steps.push(step) - 1;
  }
}

function holds(assertion: Assertion, text: string, at: number): boolean {
  if (assertion === "begin") return at === 0;
  if (assertion === "end") return at === text.length;
  const isBoundary = isWord(text, at - 1) !== isWord(text, at);
  return (assertion === "boundary") === isBoundary;
}

function isWord(text: string, at: number): boolean {
  return at >= 0 && at < text.length && WORD[text.charCodeAt(at)] === 1;
}
