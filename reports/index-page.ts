import type { Run } from "../sim/result.ts";
import { escapeHtml } from "./escape.ts";
import { htmlPage } from "./report.ts";
import { badge, section } from "./sections.ts";
import { summarise, type RunSummary, type Tally } from "./summary.ts";
import { count, duration, OUTCOME_SIGNS, plural, PROPERTY_NAMES } from "./words.ts";

/** A run and where its report is, relative to the index. */
export interface IndexEntry {
  readonly run: Run;
  readonly wallMs: number | null;
  readonly href: string;
}

/** One page that lists runs: outcome, numbers, a sketch of the deliveries, a link to each report. No script. */
export function renderIndex(entries: readonly IndexEntry[]): string {
  const runs = entries.map(({ run, wallMs, href }) => ({ href, summary: summarise(run, wallMs) }));
  const passed = runs.filter(({ summary }) => summary.outcome === "pass").length;
  const total = runs.reduce((sum, { summary }) => sum + summary.delivered, 0);
  const heads = [
    "scenario",
    "outcome",
    "deliveries over time",
    "faults",
    "published",
    "delivered",
    "more than once",
    "not finished",
    "verdicts",
    "time",
    "history",
  ];
  const numeric = new Set(["faults", "published", "delivered", "time"]);
  const head = heads
    .map((title) => `<th scope="col"${numeric.has(title) ? ` class="number"` : ""}>${title}</th>`)
    .join("");
  const body = `<header class="page-header"><p class="kicker">nsqlab</p><h1>Runs</h1>
<p class="question">${passed} of ${plural(runs.length, "scenario")} as expected, ${plural(total, "delivery", "deliveries")} judged.</p></header>
<main>${section(
    "runs",
    "Scenarios",
    `<div class="wide"><table class="index"><thead><tr>${head}</tr></thead><tbody>${runs.map(({ href, summary }) => indexRow(href, summary)).join("")}</tbody></table></div>
<p class="quiet">Deliveries over time: the first of a message dark, repeated ones in the second colour on top. A verdict mark names its property on hover.</p>`,
  )}</main>`;
  return htmlPage("Runs", body);
}

function indexRow(href: string, run: RunSummary): string {
  const time = run.wallMs === null ? "" : `<span class="looked">${duration(run.wallMs * 1_000)} wall</span>`;
  return `<tr class="${run.outcome}"><th scope="row"><a href="${escapeHtml(encodeURI(href))}">${escapeHtml(`${run.catalogue} ${run.name}`.trim())}</a><span class="looked">${escapeHtml(run.question)}</span></th>
<td>${badge(run.outcome)}</td><td>${sparkline(run)}</td>
<td class="number">${count(run.faultsFired)}</td><td class="number">${count(run.published)}${run.unknown > 0 ? `<span class="looked">${count(run.unknown)} unknown</span>` : ""}</td><td class="number">${count(run.delivered)}</td>
<td>${tallies(run.duplicates)}</td><td>${tallies(run.losses)}</td><td class="marks">${verdictMarks(run)}</td>
<td class="number">${duration(run.virtualUs)}${time}</td><td><code>${escapeHtml(run.hash)}</code><span class="looked">seed ${run.seed}</span></td></tr>`;
}

function tallies(all: readonly Tally[]): string {
  if (all.length === 0) return `<span class="quiet">none</span>`;
  return all
    .map(
      ({ licence, count: number }) =>
        `<span class="tally${licence === "unexplained" ? " bug-text" : ""}">${count(number)} ${escapeHtml(licence)}</span>`,
    )
    .join("<br>");
}

function verdictMarks(run: RunSummary): string {
  const marks = run.verdicts
    .map(
      ({ property, outcome }) =>
        `<span class="verdict ${outcome}" title="${property} ${PROPERTY_NAMES[property]}: ${outcome}"><span class="visually-hidden">${property} ${outcome}</span><span aria-hidden="true">${OUTCOME_SIGNS[outcome]}</span></span>`,
    )
    .join("");
  const unmet =
    run.expectationsUnmet > 0
      ? `<span class="looked bug-text">${plural(run.expectationsUnmet, "expectation")} unmet</span>`
      : "";
  return marks + unmet;
}

const WIDTH = 144;
const HEIGHT = 30;

function sparkline(run: RunSummary): string {
  const most = Math.max(1, ...run.first.map((value, bin) => value + run.again[bin]!));
  const step = WIDTH / run.first.length;
  const bar = (bin: number, value: number, below: number): string => {
    if (value === 0) return "";
    const height = Math.max(1, (value / most) * (HEIGHT - 2));
    const foot = HEIGHT - 1 - (below / most) * (HEIGHT - 2);
    return `M${(bin * step).toFixed(1)},${foot.toFixed(1)}v${(-height).toFixed(1)}h${(step - 0.6).toFixed(1)}v${height.toFixed(1)}Z`;
  };
  const first = run.first.map((value, bin) => bar(bin, value, 0)).join("");
  const again = run.again.map((value, bin) => bar(bin, value, run.first[bin]!)).join("");
  return `<svg width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="deliveries over time"><path class="lane-line" d="M0,${HEIGHT - 0.5}h${WIDTH}"/><path class="overview-first" d="${first}"/><path class="overview-again" d="${again}"/></svg>`;
}
