import type { History } from "../sim/history.ts";
import { escapeHtml } from "./escape.ts";
import { section } from "./sections.ts";
import { px } from "./scene/shapes.ts";
import { count, seconds } from "./words.ts";

/** Why a run failed, as far as it was looked into. */
export interface Explanation {
  /** Which property or expectation, and how. */
  readonly failure: string;
  /** Line by line. */
  readonly story: readonly string[];
  /** Which single faults it needs, in a sentence. */
  readonly decisive: string;
  /** How often it fails with other random choices from an instant on; in the order of time, one point at least. */
  readonly curve: readonly CurvePoint[];
}

interface CurvePoint {
  readonly atUs: number;
  readonly reruns: number;
  readonly failed: number;
}

const WIDTH = 760;
const HEIGHT = 170;
const LEFT = 46;
const RIGHT = 14;
const TOP = 12;
const BOTTOM = 34;

/** The story of the failure, what decided it, and when. */
export function explanationSection({ failure, story, decisive, curve }: Explanation, history: History): string {
  const lines = story.map((line) => `<li>${escapeHtml(line)}</li>`).join("");
  return section(
    "explanation",
    "Why it failed",
    `<p>${escapeHtml(failure)}</p><ol class="story">${lines}</ol><p><strong>${escapeHtml(sentence(decisive))}</strong></p>
<h3>When it was decided</h3>
<p class="quiet">How often it fails when every random choice from an instant on is another one, ${count(curve[0]!.reruns)} reruns each. ${certainty(curve)}</p>
${drawCurve(curve, faultInstants(history))}`,
  );
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function certainty(curve: readonly CurvePoint[]): string {
  const uncertain = curve.findLastIndex(({ failed, reruns }) => failed < reruns);
  if (uncertain === -1) return "Chance decides nothing: it fails whatever is drawn.";
  const sure = curve[uncertain + 1];
  return sure === undefined ? "It was certain at none of them." : `It was certain from ${seconds(sure.atUs)} on.`;
}

function faultInstants(history: History): number[] {
  const instants: number[] = [];
  for (const event of history.events()) if (event.kind === "fault" && event.detail === 1) instants.push(event.atUs);
  return instants;
}

function drawCurve(curve: readonly CurvePoint[], faults: readonly number[]): string {
  const [from, to] = [curve[0]!.atUs, Math.max(curve.at(-1)!.atUs, curve[0]!.atUs + 1)];
  const x = (atUs: number): string => px(LEFT + ((atUs - from) / (to - from)) * (WIDTH - LEFT - RIGHT));
  const y = (share: number): string => px(TOP + (1 - share) * (HEIGHT - TOP - BOTTOM));
  const points = curve.map(({ atUs, failed, reruns }) => ({ x: x(atUs), y: y(failed / reruns), atUs, failed, reruns }));
  // Between two instants nothing is known: straight lines join what was measured.
  const line = points.map((point, index) => `${index === 0 ? "M" : "L"}${point.x},${point.y}`).join("");
  const grid = [0, 0.5, 1].map(
    (share) =>
      `<path class="gridline" d="M${LEFT},${y(share)}H${WIDTH - RIGHT}"/><text class="axis-label" x="${LEFT - 8}" y="${y(share)}" dy="4" text-anchor="end">${share * 100} %</text>`,
  );
  const begun = faults.filter((atUs) => atUs >= from && atUs <= to);
  const marks = begun.map((atUs) => `<path class="fault line" d="M${x(atUs)},${TOP}V${HEIGHT - BOTTOM}"/>`);
  const dots = points.map(
    (point) =>
      `<circle class="likelihood-dot" cx="${point.x}" cy="${point.y}" r="3"><title>from ${seconds(point.atUs)} on: ${point.failed} of ${point.reruns} fail</title></circle>`,
  );
  const label = `Likelihood of the failure, from ${seconds(from)} to ${seconds(to)}`;
  const ends = `<text class="axis-label" x="${LEFT}" y="${HEIGHT - 14}">${seconds(from)}</text><text class="axis-label" x="${WIDTH - RIGHT}" y="${HEIGHT - 14}" text-anchor="end">${seconds(to)}: it fails</text>`;
  const key = begun.length === 0 ? "" : `<p class="quiet">Dashed: a fault begins.</p>`;
  return `<svg class="likelihood" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(label)}">${grid.join("")}${marks.join("")}<path class="likelihood-line" d="${line}"/>${dots.join("")}${ends}</svg>${key}`;
}
