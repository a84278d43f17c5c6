import { px } from "./shapes.ts";

export interface ScenePath {
  /** CSS classes; also the path's identity from one picture to the next. */
  readonly style: string;
  readonly d: string;
  /** How many things it draws. */
  readonly count: number;
}

export interface SceneText {
  readonly style: string;
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

/** Collects path data by style. */
export class PathSet {
  private readonly parts = new Map<string, string[]>();

  add(style: string, d: string): void {
    const known = this.parts.get(style);
    if (known === undefined) this.parts.set(style, [d]);
    else known.push(d);
  }

  paths(): ScenePath[] {
    return [...this.parts].map(([style, parts]) => ({ style, d: parts.join(""), count: parts.length }));
  }
}

/** A rectangle as path data. */
export function rect(x: number, y: number, width: number, height: number): string {
  return `M${px(x)},${px(y)}h${px(width)}v${px(height)}h${px(-width)}Z`;
}
