import type { Run } from "../sim/result.ts";
import { browserScript } from "./bundle.ts";
import { escapeHtml, scriptJson } from "./escape.ts";
import { type Explanation, explanationSection } from "./explanation.ts";
import { payloadOf } from "./payload.ts";
import { expectationSection, faultSection, headerSection, ledgerSection, section, verdictSection } from "./sections.ts";
import { PAGE_STYLE } from "./style.ts";
import { count } from "./words.ts";

/** Nothing from elsewhere: the page is complete, and the browser holds it to that. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

/**
 * One run as one HTML file: verdicts, ledger, a space-time diagram and charts. Needs no network and opens from
 * `file://`.
 *
 * @param explanation why it failed, when that was looked into
 */
export function renderReport(run: Run, explanation?: Explanation): string {
  const payload = payloadOf(run);
  const omitted =
    payload.omitted === 0
      ? ""
      : `<p class="notice">The last ${count(payload.omitted)} events are not in this page; verdicts and ledger cover them.</p>`;
  const body = `${headerSection(run)}
<main>
${explanation === undefined ? "" : explanationSection(explanation, run.history)}
<div class="columns">${verdictSection(run.verdicts)}${ledgerSection(run.ledger)}</div>
<div class="columns">${expectationSection(run)}${faultSection(run)}</div>
${omitted}<noscript><p class="notice">The diagram and the charts need JavaScript; what is above does not.</p></noscript>
${diagramSection()}
${section("distributions", "Distributions", `<div id="histogram-list" class="columns"></div>`)}
</main>
<script type="application/json" id="payload">${scriptJson(payload)}</script>
<script>${browserScript().replaceAll("</script", "<\\/script")}</script>`;
  return htmlPage(`${run.scenario.name}: ${run.outcome}`, body);
}

/** A complete document around a body. */
export function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)} · nsqlab</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

function diagramSection(): string {
  return section(
    "space-time",
    "Space and time",
    `<div class="diagram-bar" role="toolbar" aria-label="Diagram">
<button type="button" data-zoom="in" aria-label="Zoom in">+</button><button type="button" data-zoom="out" aria-label="Zoom out">−</button><button type="button" data-zoom="all">Whole run</button>
<span class="range" id="range" aria-live="off"></span><span class="quiet" id="density-note" title="Redeliveries, requeues, losses and errors are always drawn singly. Zoom in for single messages."></span>
<form id="find"><label for="find-msg">Message</label> <input id="find-msg" type="number" min="0" inputmode="numeric" placeholder="number"> <button type="submit">Follow</button></form>
</div>
<div class="diagram-layout"><div class="diagram-main"><div id="diagram"></div><div id="overview"></div><div id="legend" class="legend"></div><div id="chart-list"></div></div>
<aside id="life" aria-label="Message"></aside></div>
<div id="tooltip" aria-hidden="true" hidden></div><div id="announcer" class="visually-hidden" aria-live="polite"></div>`,
  );
}
