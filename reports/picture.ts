import type { Run } from "../sim/result.ts";
import { escapeHtml } from "./escape.ts";
import { buildModel, type Model } from "./model/model.ts";
import { payloadOf } from "./payload.ts";
import { shorten } from "./scene/backdrop.ts";
import { layOut, xOf, type Layout, type TimeWindow } from "./scene/layout.ts";
import type { ScenePath } from "./scene/paths.ts";
import { drawMessage, drawScene } from "./scene/scene.ts";
import { px } from "./scene/shapes.ts";
import { PICTURE_STYLE } from "./style.ts";

export interface PictureOptions {
  /** Default: the whole run. µs. */
  readonly window?: TimeWindow;
  /** Pixels. Default 960. */
  readonly width?: number;
  /** A message to follow: the others fade. */
  readonly follow?: number;
}

/** The space-time diagram of a run as an SVG document: no script, light or dark as the reader's system is. */
export function renderPicture(run: Run, options: PictureOptions = {}): string {
  const model = buildModel(payloadOf(run));
  const layout = layOut(options.width ?? 960, model.lanes, model.handlers, model.faults);
  const room = model.endUs * 0.012;
  const window = options.window ?? { from: -room, to: model.endUs + room };
  const scene = drawScene(model, layout, window);
  const texts = scene.texts.map((one) => text(one.style, one.x, one.y, one.text)).join("");
  const followed = options.follow === undefined ? [] : drawMessage(model, layout, window, options.follow);
  const { width, height } = layout;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(`Space-time diagram of ${model.name}`)}"${followed.length > 0 ? ` class="following"` : ""}>
<style>svg{font:11px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif}${PICTURE_STYLE}</style>
<defs><clipPath id="plot"><rect x="${layout.left}" y="0" width="${layout.right - layout.left}" height="${layout.bottom}"/></clipPath>
<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hatch" x1="0" y1="0" x2="0" y2="6"/></pattern></defs>
<rect width="${width}" height="${height}" rx="6" style="fill:var(--bg)"/>
${lanesOf(layout)}<g class="ordinary" clip-path="url(#plot)">${pathsOf(scene.paths)}</g><g class="ordinary">${texts}</g>
<g class="followed" clip-path="url(#plot)">${pathsOf(followed)}</g>${axisOf(model, layout, window)}</svg>
`;
}

function text(style: string, x: number, y: number, content: string): string {
  return `<text class="${style}" x="${px(x)}" y="${px(y)}">${escapeHtml(content)}</text>`;
}

function pathsOf(paths: readonly ScenePath[]): string {
  return paths.map(({ style, d }) => `<path class="${style}" d="${d}"/>`).join("\n");
}

function lanesOf(layout: Layout): string {
  const room = Math.floor((layout.left - 18) / 6.6);
  const width = layout.right - layout.left;
  return layout.lanes
    .map(
      (lane) =>
        `<rect class="lane-band" x="${layout.left}" y="${lane.top}" width="${width}" height="${lane.bottom - lane.top}"/><path class="lane-line" d="M${layout.left},${lane.y}h${width}"/>${text("lane-name", 10, lane.y, shorten(lane.name, room))}${text("lane-detail", 10, lane.y + 12, shorten(lane.detail, room))}\n`,
    )
    .join("");
}

/** Steps of 1, 2 or 5 times a power of ten, about one per 90 pixels. */
function axisOf(model: Model, layout: Layout, window: TimeWindow): string {
  const perTick = ((window.to - window.from) / (layout.right - layout.left)) * 90;
  const decade = 10 ** Math.floor(Math.log10(perTick));
  const step = [1, 2, 5, 10].find((one) => one * decade >= perTick)! * decade;
  const decimals = Math.max(0, Math.ceil(-Math.log10(step / 1e6) - 1e-9));
  const parts = [text("axis-label", 10, layout.bottom + 18, "time, s")];
  for (let at = Math.ceil(window.from / step) * step; at <= Math.min(window.to, model.endUs * 1.012); at += step) {
    const x = xOf(layout, window, at);
    parts.push(`<path class="lane-line" d="M${px(x)},${layout.bottom}v5"/>`);
    const label = (at / 1e6).toFixed(decimals);
    parts.push(`<text class="axis-label" x="${px(x)}" y="${layout.bottom + 18}" text-anchor="middle">${label}</text>`);
  }
  return parts.join("");
}
