import { describe, expect, test } from "vitest";
import { FLAGS } from "../../core/nsqd/flags.ts";
import { LICENCE_WORDS } from "../../reports/words.ts";
import { PAGE_SECTIONS, readPropertyPage } from "../../scenarios/property-pages.ts";
import { EVENT_KINDS } from "../../sim/history.ts";
import { PROPERTY_IDS } from "../../sim/scenario/types.ts";
import { nsqlab } from "./commands/captured-output.ts";

/** Words in code type on a page that are neither. */
const OTHER = /^(exact|nsqd-1\.3|heal|\/stats|expect\.[a-z]+|claims\.[a-z]+|context\.[a-z]+|nsqlab .*)$/;

describe.each(PROPERTY_IDS)("the page of %s", (id) => {
  const page = readPropertyPage(id);

  test("has a name, a promise and every section, none empty", () => {
    expect(page.text).toMatch(new RegExp(`^# ${id} [\\w-]+\n\n\\S.*\\.\n`));
    const sections = page.text.split("\n## ").slice(1);
    expect(sections.map((section) => section.split("\n")[0])).toEqual([...PAGE_SECTIONS]);
    for (const section of sections) expect(section.split("\n").slice(2).join("").length).toBeGreaterThan(4);
  });

  test("names only rows and licences that exist", () => {
    const words: string[] = [...page.text.matchAll(/`([^`]+)`/g)].map(([, word]) => word!);
    const known = new Set<string>([...EVENT_KINDS, ...Object.keys(LICENCE_WORDS), ...FLAGS.map(({ name }) => name)]);
    expect(words.filter((word) => !known.has(word) && !OTHER.test(word))).toEqual([]);
  });
});

test("every licence of the ledger is on a page", () => {
  const pages = PROPERTY_IDS.map((id) => readPropertyPage(id).text).join("\n");
  expect(Object.keys(LICENCE_WORDS).filter((licence) => !pages.includes(`\`${licence}\``))).toEqual([]);
});

test("the command lists them, prints one with its scenarios, and refuses what is none", async () => {
  const list = await nsqlab("property");
  expect(list.printed.split("\n").filter((line) => /^P\d+ /.test(line))).toHaveLength(PROPERTY_IDS.length);
  const page = await nsqlab("property", "p9");
  expect(page.printed).toContain("## Licences it grants");
  expect(page.printed).toContain("- happy-path");
  const json = JSON.parse((await nsqlab("property", "P9", "--json")).printed) as { id: string }[];
  expect(json.map(({ id }) => id)).toEqual(["P9"]);
  const wrong = await nsqlab("property", "P99");
  expect(wrong.code).toBe(2);
  expect(wrong.remarks).toContain("unknown property P99");
});
