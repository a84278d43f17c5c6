import type { MarkName } from "../model/marks.ts";

/** A number for a path: one decimal is enough, and short. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/**
 * Path of a mark's shape around a point. Each name has a shape of its own, so that colour is never alone; a delivery
 * that is not the first wears a bar.
 */
export function markPath(name: MarkName, x: number, y: number, r: number, odd = false): string {
  const bar = name === "deliver" && odd ? `M${px(x - r)},${px(y - r - 1.5)}h${2 * r}` : "";
  return SHAPES[name](x, y, r) + bar;
}

type Shape = (x: number, y: number, r: number) => string;

const circle: Shape = (x, y, r) => `M${px(x - r)},${px(y)}a${r},${r} 0 1 0 ${2 * r},0a${r},${r} 0 1 0 ${-2 * r},0Z`;

const cross: Shape = (x, y, r) => `M${px(x - r)},${px(y - r)}l${2 * r},${2 * r}m0,${-2 * r}l${-2 * r},${2 * r}`;

const diamond: Shape = (x, y, r) => `M${px(x)},${px(y - r)}l${r},${r}l${-r},${r}l${-r},${-r}Z`;

const down: Shape = (x, y, r) => `M${px(x - r)},${px(y - r * 0.8)}h${2 * r}l${-r},${px(1.8 * r)}Z`;

const up: Shape = (x, y, r) => `M${px(x - r)},${px(y + r * 0.8)}h${2 * r}l${-r},${px(-1.8 * r)}Z`;

const square: Shape = (x, y, r) => {
  const half = px(r * 0.8);
  return `M${px(x - r * 0.8)},${px(y - r * 0.8)}h${px(r * 1.6)}v${px(r * 1.6)}h-${px(Number(half) * 2)}Z`;
};

const plus: Shape = (x, y, r) => `M${px(x - r)},${px(y)}h${2 * r}M${px(x)},${px(y - r)}v${2 * r}`;

const hourglass: Shape = (x, y, r) => `M${px(x - r)},${px(y - r)}h${2 * r}l${-2 * r},${2 * r}h${2 * r}Z`;

const bar: Shape = (x, y, r) => `M${px(x)},${px(y - r - 2)}v${2 * r + 4}`;

const barCross: Shape = (x, y, r) => `${bar(x, y, r)}${cross(x, y, r * 0.6)}`;

const question: Shape = (x, y, r) =>
  `M${px(x - r * 0.7)},${px(y - r * 0.4)}a${px(r * 0.7)},${px(r * 0.7)} 0 1 1 ${px(r * 0.7)},${px(r * 0.8)}v${px(r * 0.5)}m0,${px(r * 0.5)}v1`;

const star: Shape = (x, y, r) => {
  const [long, short] = [px(r * 0.85), px(r * 0.35)];
  const points = [`l${short},${long}`, `l${long},${short}`, `l-${long},${short}`, `l-${short},${long}`];
  const back = [`l-${short},-${long}`, `l-${long},-${short}`, `l${long},-${short}`];
  return `M${px(x)},${px(y - r * 1.2)}${points.join("")}${back.join("")}Z`;
};

const envelope: Shape = (x, y, r) =>
  `M${px(x - r)},${px(y - r * 0.7)}h${2 * r}v${px(1.4 * r)}h${-2 * r}Zl${r},${px(0.8 * r)}l${r},${px(-0.8 * r)}`;

const SHAPES: Readonly<Record<MarkName, Shape>> = {
  publish: circle,
  deliver: down,
  finish: square,
  touch: plus,
  requeue: diamond,
  effect: star,
  timeout: hourglass,
  "give-up": (x, y, r) => `${circle(x, y, r)}${cross(x, y, r * 0.6)}`,
  "dead-letter": envelope,
  drop: down,
  "publish-error": (x, y, r) => `${diamond(x, y, r)}M${px(x - r / 2)},${px(y - r / 2)}l${r},${r}`,
  "publish-unknown": question,
  "answer-error": cross,
  connect: bar,
  close: barCross,
  "connect-failed": (x, y, r) => `${circle(x, y, r * 0.8)}M${px(x - r)},${px(y + r)}l${2 * r},${-2 * r}`,
  operate: up,
};

/** Marks drawn as outlines, without filling. */
export const OUTLINED: ReadonlySet<MarkName> = new Set([
  "touch",
  "dead-letter",
  "drop",
  "publish-error",
  "publish-unknown",
  "answer-error",
  "connect",
  "close",
  "connect-failed",
]);
