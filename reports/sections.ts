import type { HistoryEvent } from "../sim/history.ts";
import type { Ledger, LedgerEntry, Run, Verdict, Violation } from "../sim/result.ts";
import { escapeHtml } from "./escape.ts";
import { tally } from "./summary.ts";
import { count, LICENCE_WORDS, OUTCOME_SIGNS, plural, PROPERTY_NAMES, seconds, type AnyLicence } from "./words.ts";

/** Entries of one licence that are listed in full. */
const MAX_LISTED = 200;
/** Violations of one property that are there without being asked for. */
const SHOWN_VIOLATIONS = 3;

/** Outcome as a sign, a word and a colour. */
export function badge(outcome: keyof typeof OUTCOME_SIGNS): string {
  return `<span class="badge ${outcome}"><span aria-hidden="true">${OUTCOME_SIGNS[outcome]}</span> ${outcome}</span>`;
}

export function headerSection(run: Run): string {
  const { scenario } = run;
  const facts: readonly (readonly [string, string])[] = [
    ["seed", String(scenario.seed)],
    ["history", `<code>${escapeHtml(run.hash)}</code>`],
    [run.world === "sim" ? "virtual time" : "time", seconds(run.virtualUs)],
    ["events", count(run.history.length)],
    ["faults fired", count(run.faultsFired)],
    ["published", count(run.ledger.published)],
    ["delivered", count(run.ledger.delivered)],
    ["world", run.world === "sim" ? "simulated" : "TCP, real time"],
  ];
  const number = scenario.catalogue === undefined ? "scenario" : `scenario ${escapeHtml(scenario.catalogue)}`;
  const answer =
    scenario.answer === undefined
      ? ""
      : `<p class="answer"><strong>What real NSQ does.</strong> ${escapeHtml(scenario.answer)}</p>`;
  return `<header class="page-header">
<div class="tools"><a href="#space-time" class="button">To the diagram</a><button type="button" id="theme" aria-label="Colour theme: as the system">Theme: system</button></div>
<p class="kicker">nsqlab · ${number}</p>
<h1>${escapeHtml(scenario.name)} ${badge(run.outcome)}</h1>
<p class="question">${escapeHtml(scenario.question)}</p>${answer}
<dl class="facts">${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join("")}</dl>
</header>`;
}

export function verdictSection(verdicts: readonly Verdict[]): string {
  if (verdicts.length === 0) return section("verdicts", "Verdicts", `<p class="quiet">This run was not judged.</p>`);
  const seen = verdicts.filter(({ outcome }) => outcome !== "unknown");
  const unknown = verdicts.filter(({ outcome }) => outcome === "unknown");
  const names = unknown.map(({ property }) => property).join(", ");
  const rest =
    unknown.length === 0
      ? ""
      : `<details class="unseen"${seen.length === 0 ? " open" : ""}><summary>${badge("unknown")} ${plural(unknown.length, "property had", "properties had")} nothing to see: <span class="quiet">${names}</span></summary>${verdictTable(unknown)}</details>`;
  return section("verdicts", "Verdicts", `${seen.length === 0 ? "" : verdictTable(seen)}${rest}`);
}

function verdictTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(
    (
      verdict,
    ) => `<tr class="${verdict.outcome}"><th scope="row">${verdict.property}</th><td>${badge(verdict.outcome)}</td>
<td><span class="property">${PROPERTY_NAMES[verdict.property]}</span><span class="looked">${escapeHtml(verdict.summary)}</span>${violations(verdict)}</td>
<td class="number">${count(verdict.looked)}</td></tr>`,
  );
  return `<table class="verdicts"><thead><tr><th scope="col">property</th><th scope="col">outcome</th><th scope="col">what was looked at</th><th scope="col" class="number">facts</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function violations(verdict: Verdict): string {
  if (verdict.violationCount === 0) return "";
  const items = verdict.violations.map((violation) => `<li>${violationText(violation)}</li>`);
  const unlisted = verdict.violationCount - verdict.violations.length;
  if (unlisted > 0) items.push(`<li class="quiet">and ${plural(unlisted, "more violation")}</li>`);
  const first = `<ul class="violations">${items.slice(0, SHOWN_VIOLATIONS).join("")}</ul>`;
  if (items.length <= SHOWN_VIOLATIONS) return first;
  const more = plural(verdict.violationCount - SHOWN_VIOLATIONS, "more violation");
  return `${first}<details><summary class="quiet">${more}</summary><ul class="violations">${items.slice(SHOWN_VIOLATIONS).join("")}</ul></details>`;
}

function violationText(violation: Violation): string {
  const link = violation.msg >= 0 ? `${messageButton(violation.msg)} ` : "";
  return `${link}<span class="prose">${escapeHtml(violation.text)}</span>`;
}

/** A button that follows a message in the diagram. */
function messageButton(msg: number): string {
  return `<button type="button" class="message-link" data-msg="${msg}" aria-label="Follow message ${msg}">#${msg}</button>`;
}

export function ledgerSection(ledger: Ledger): string {
  const totals: readonly (readonly [string, number])[] = [
    ["published", ledger.published],
    ["accepted", ledger.accepted],
    ["refused", ledger.failed],
    ["outcome unknown", ledger.unknown],
    ["delivered", ledger.delivered],
    ["finished", ledger.finished],
    ...effectTotals(ledger.effects),
  ];
  const cells = totals.map(([name, value]) => `<div><dt>${name}</dt><dd>${count(value)}</dd></div>`).join("");
  return section(
    "ledger",
    "Ledger",
    `<dl class="totals">${cells}</dl>
${ledgerGroup("Delivered more than once", ledger.duplicates)}
${ledgerGroup("Not finished", ledger.losses)}
${ledgerGroup("Later than the bound", ledger.late)}`,
  );
}

function effectTotals(effects: Ledger["effects"]): readonly (readonly [string, number])[] {
  if (effects === null) return [];
  return [
    ["effects", effects.happened],
    ["effects again", effects.again],
    ["effects missing", effects.never],
  ];
}

function ledgerGroup(title: string, entries: readonly LedgerEntry<string>[]): string {
  const head = `<h3>${title} <span class="number">${count(entries.length)}</span></h3>`;
  if (entries.length === 0) return `<div class="group">${head}<p class="quiet">none</p></div>`;
  const rows = tally(entries).map(({ licence, count: number }) => {
    const own = entries.filter((entry) => (entry.licence ?? "unexplained") === licence);
    const words = licence === "unexplained" ? "nothing excuses it: a bug" : LICENCE_WORDS[licence as AnyLicence];
    return `<details class="licence${licence === "unexplained" ? " unexplained" : ""}"><summary><span class="number">${count(number)}</span> <strong>${escapeHtml(licence)}</strong> <span class="quiet">${escapeHtml(words)}</span></summary>${entryList(own)}</details>`;
  });
  return `<div class="group">${head}${rows.join("")}</div>`;
}

function entryList(entries: readonly LedgerEntry<string>[]): string {
  const items = entries
    .slice(0, MAX_LISTED)
    .map((entry) => `<li>${messageButton(entry.msg)} <span class="prose">${escapeHtml(entry.text)}</span></li>`);
  const more = entries.length - MAX_LISTED;
  if (more > 0) items.push(`<li class="quiet">and ${plural(more, "more message")}: follow them by number</li>`);
  return `<ul class="entries">${items.join("")}</ul>`;
}

export function expectationSection(run: Run): string {
  if (run.expectations.length === 0) return "";
  const unmet = run.expectations.filter((one) => !one.met).length;
  const rows = run.expectations.map(
    (one) =>
      `<tr class="${one.met ? "pass" : "fail"}"><td>${one.met ? `<span class="badge pass"><span aria-hidden="true">✓</span> met</span>` : `<span class="badge fail"><span aria-hidden="true">✗</span> unmet</span>`}</td><th scope="row"><code>${escapeHtml(one.path)}</code></th><td>${escapeHtml(one.expected)}</td><td>${escapeHtml(one.found)}</td></tr>`,
  );
  const summary = unmet === 0 ? `all ${run.expectations.length} met` : `${unmet} of ${run.expectations.length} unmet`;
  return section(
    "expectations",
    "Expectations",
    `<details${unmet > 0 ? " open" : ""}><summary>${summary}</summary><table><thead><tr><th scope="col">result</th><th scope="col">of the scenario</th><th scope="col">expected</th><th scope="col">found</th></tr></thead><tbody>${rows.join("")}</tbody></table></details>`,
  );
}

function faultLine(event: HistoryEvent): string {
  const on = [event.process, event.peer].filter((name) => name !== "").join("–");
  return on === "" || event.text.includes(on) ? event.text : `${on}: ${event.text}`;
}

/** Faults as the history has them, which is not always as they were planned. */
export function faultSection(run: Run): string {
  const { history } = run;
  const items: string[] = [];
  let rows = 0;
  for (const event of history.events()) {
    if (event.kind !== "fault") continue;
    const what = event.detail === 1 ? "" : ` <span class="quiet">ends</span>`;
    rows += 1;
    if (rows > MAX_LISTED) continue;
    items.push(`<li><span class="time">${seconds(event.atUs)}</span> ${escapeHtml(faultLine(event))}${what}</li>`);
  }
  if (rows > MAX_LISTED) items.push(`<li class="quiet">and ${count(rows - MAX_LISTED)} more</li>`);
  const planned = run.scenario.faults?.length ?? 0;
  const body =
    items.length === 0
      ? `<p class="quiet">${planned === 0 ? "none planned" : "none fired"}</p>`
      : `<details${items.length <= 8 ? " open" : ""}><summary>${plural(run.faultsFired, "fault")} fired</summary><ol class="faults">${items.join("")}</ol></details>`;
  return section("faults", "Faults", body);
}

/** A titled section with an address of its own. */
export function section(id: string, title: string, body: string): string {
  return `<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${body}</section>`;
}
