import { KIND } from "../../sim/history.ts";
import type { Model } from "../model/model.ts";
import { tell } from "../model/story.ts";
import { timeAt, type Layout } from "../scene/layout.ts";
import { flightRange } from "../scene/scene.ts";
import { plural, seconds } from "../words.ts";
import { html } from "./dom.ts";
import type { View } from "./view.ts";

const CROWD_PIXELS = 8;

/** The box beside the pointer. */
export class Tooltip {
  private readonly box: HTMLElement;
  private readonly view: View;

  constructor(box: HTMLElement, view: View) {
    this.box = box;
    this.view = view;
  }

  hide(): void {
    this.box.hidden = true;
  }

  /** What a row of the history says. */
  message(msg: number, row: number, x: number, y: number, keyboard: boolean): void {
    const { model } = this.view;
    const lines: Node[] = [html("div", {}, tell(model, row).text)];
    const about = msg >= 0 ? `message ${msg} · ` : "";
    lines.push(html("div", { class: "quiet" }, `${about}${seconds(model.rows.at[row]!)}${connection(model, row)}`));
    for (const label of model.labels.get(msg) ?? [])
      if (label.seq === model.rows.seq[row] || label.seq < 0) lines.push(labelBox(label.text));
    if (msg >= 0 && this.view.story?.msg !== msg)
      lines.push(html("div", { class: "quiet" }, keyboard ? "Enter to follow" : "click to follow"));
    this.show(lines, x, y);
  }

  text(text: string, x: number, y: number): void {
    this.show([html("div", {}, text)], x, y);
  }

  /** How much is drawn together under a point of a crowded diagram. */
  crowd(layout: Layout, x: number, event: MouseEvent): void {
    const { model, window } = this.view;
    const from = timeAt(layout, window, x - CROWD_PIXELS / 2);
    const to = timeAt(layout, window, x + CROWD_PIXELS / 2);
    const range = flightRange(model, { from, to });
    const counts = new Map<number, number>();
    const counted = [KIND.publish, KIND.deliver, KIND.finish, KIND.requeue];
    const { kind, at: times } = model.rows;
    for (let row = lowerRow(times, model.rows.count, from); row < model.rows.count && times[row]! <= to; row += 1)
      counts.set(kind[row]!, (counts.get(kind[row]!) ?? 0) + 1);
    const said = [
      plural(counts.get(counted[0]!) ?? 0, "publish", "publishes"),
      plural(counts.get(counted[1]!) ?? 0, "delivery", "deliveries"),
      plural(counts.get(counted[2]!) ?? 0, "FIN"),
      plural(counts.get(counted[3]!) ?? 0, "REQ"),
    ];
    if (range.to <= range.from) return this.hide();
    this.show(
      [
        html("div", {}, said.filter((text) => !text.startsWith("0 ")).join(", ") || "nothing starts here"),
        html("div", { class: "quiet" }, `${seconds(from)} to ${seconds(to)} · click to zoom in`),
      ],
      event.clientX,
      event.clientY,
    );
  }

  private show(lines: readonly Node[], x: number, y: number): void {
    const { box } = this;
    box.replaceChildren(...lines);
    box.hidden = false;
    const left = x + 16 + box.offsetWidth > innerWidth ? x - 12 - box.offsetWidth : x + 16;
    const top = y + 14 + box.offsetHeight > innerHeight ? y - 10 - box.offsetHeight : y + 14;
    box.style.left = `${Math.max(4, left) + scrollX}px`;
    box.style.top = `${Math.max(4, top) + scrollY}px`;
  }
}

/** A licence or violation as a small tag. */
export function labelBox(text: string): HTMLElement {
  const bug = text.includes("unexplained") || text.startsWith("violates");
  return html("span", { class: bug ? "label bug" : "label" }, text);
}

function connection(model: Model, row: number): string {
  const conn = model.rows.conn[row]!;
  return conn < 0 ? "" : ` · connection ${conn}`;
}

function lowerRow(times: Float64Array, count: number, key: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
