/** RE2's patterns; JavaScript's own expressions are the model where both mean the same. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PatternError } from "../../../../core/nsqd/auth/parse.ts";
import { Pattern } from "../../../../core/nsqd/auth/pattern.ts";

describe("a pattern is found", () => {
  test.each<[pattern: string, within: string[], notWithin: string[]]>([
    ["", ["", "a"], []],
    [".*", ["", "a"], []],
    ["^$", [""], ["a"]],
    ["b", ["abc", "b"], ["", "ac"]],
    ["^orders$", ["orders"], ["orders2", "my-orders"]],
    ["^a|b$", ["ax", "xb"], ["xa", "bx"]],
    ["^(a|b|)c$", ["ac", "bc", "c"], ["abc"]],
    ["^a.c$", ["abc", "a.c"], ["ac", "a\nc"]],
    ["(?s)^a.c$", ["a\nc"], []],
    ["^ab*$", ["a", "abbb"], ["ba"]],
    ["^(ab){2,3}$", ["abab", "ababab"], ["ab", "abababab"]],
    ["^a{2}$", ["aa"], ["a", "aaa"]],
    ["^a{2,}$", ["aa", "aaaaa"], ["a"]],
    ["^a{,2}$", ["a{,2}"], ["a"]],
    ["^a+?b??$", ["a", "aab"], ["b"]],
    ["^[a-c_-]+$", ["abc", "a-_"], ["d", ""]],
    ["^[^a-c]$", ["d"], ["a", ""]],
    ["^[]a]$", ["]", "a"], ["b"]],
    ["^[a\\]]$", ["]", "a"], ["\\"]],
    ["^[[:alpha:]][[:^digit:]]$", ["aZ"], ["a1", "1a"]],
    ["^\\d\\D\\w\\W\\s\\S$", ["1a_- b"], ["aaaaaa"]],
    ["\\bdev\\b", ["dev", "x.dev", "dev-1"], ["devel", "mydev"]],
    ["\\Bdev", ["mydev"], ["dev"]],
    ["\\Aa\\z", ["a"], ["ba", "ab"]],
    ["^\\x41\\x{42}\\103\\.\\#$", ["ABC.#"], ["ABCx#"]],
    ["^\\Qa.b*\\E+$", ["a.b***"], ["aab"]],
    ["(?i)^Orders$", ["ORDERS", "orders"], ["order"]],
    ["^(?i:A)b(?i)c$", ["abC"], ["aBc"]],
    ["^(?i)a(?-i)b$", ["Ab"], ["AB"]],
    ["(?i)^[a-c]$", ["B"], ["D"]],
    ["^(?P<env>dev|test)_(?<n>\\d)$", ["dev_1"], ["prod_1"]],
    ["^\\pL\\p{Nd}\\P{Lu}\\p{^L}\\p{Latin}$", ["a1b2c"], ["11b2c"]],
    ["(a*)*$", ["", "aaa", "b"], []],
    ["^(|a)+$", ["", "aa"], ["b"]],
  ])("%s", (pattern, within, notWithin) => {
    const compiled = new Pattern(pattern);
    for (const text of within) expect([text, compiled.isIn(text)]).toEqual([text, true]);
    for (const text of notWithin) expect([text, compiled.isIn(text)]).toEqual([text, false]);
  });
});

describe("a pattern is refused", () => {
  test.each([
    "(",
    ")",
    "a)b",
    "[a",
    "[]",
    "[b-a]",
    "*",
    "a|*",
    "(?i)*",
    "a**",
    "a+*",
    "a{2}{3}",
    "a{1001}",
    "a{3,2}",
    "(?=a)",
    "(?!a)",
    "(?<=a)",
    "(?<!a)",
    "(?>a)",
    "(?)",
    "(?x)a",
    "(a)\\1",
    "\\8",
    "\\y",
    "\\",
    "[[:nope:]]",
    "\\p{Nope}",
    "((a{100}){100}){100}",
    "(".repeat(1001) + ")".repeat(1001),
  ])("%s", (pattern) => {
    expect(() => new Pattern(pattern)).toThrow(PatternError);
  });
});

test("what makes a backtracking matcher despair is over at once", () => {
  const began = performance.now();
  for (const pattern of ["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "(.*.*.*.*)*b$", "(x+x+)+y", "^(a?){64}a{64}$"]) {
    new Pattern(pattern).isIn(`${"a".repeat(63)}!`);
    new Pattern(pattern).isIn("x".repeat(64));
  }
  expect(performance.now() - began).toBeLessThan(2000);
});

test("agrees with JavaScript where they mean the same", () => {
  const { expression } = fc.letrec<{ expression: string; part: string }>((tie) => ({
    expression: fc
      .array(fc.array(tie("part"), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 })
      .map((choices) => choices.map((parts) => parts.join("")).join("|")),
    part: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "^", "$", "\\b", "\\w", "a*", "b+", "[ab]?", "a{2}", "b{1,2}?"),
      tie("expression").chain((inner) =>
        fc.constantFrom("", "*", "+", "?", "{0,2}").map((times) => `(${inner})${times}`),
      ),
    ),
  }));
  fc.assert(
    fc.property(expression, fc.array(fc.stringMatching(/^[ab-]{0,8}$/), { maxLength: 5 }), (pattern, texts) => {
      const [ours, theirs] = [new Pattern(pattern), new RegExp(pattern)];
      for (const text of texts) expect([text, ours.isIn(text)]).toEqual([text, theirs.test(text)]);
    }),
    { numRuns: 300 },
  );
});
