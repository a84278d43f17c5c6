import { brushX, select, type BrushBehavior, type D3BrushEvent } from "d3";
import { KIND } from "../../sim/history.ts";
import { timeAt, xOf, type Layout } from "../scene/layout.ts";
import { svg } from "./dom.ts";
import type { View } from "./view.ts";

const HEIGHT = 44;
const COLUMN = 3;

/** The whole run as a strip; a brush on it is the window of everything else. */
export class Overview {
  private readonly view: View;
  private readonly root: SVGSVGElement;
  private readonly columns = svg("g");
  private readonly brushGroup = svg("g");
  private readonly brush: BrushBehavior<unknown> = brushX<unknown>();
  private layout: Layout;

  constructor(view: View, parent: HTMLElement, layout: Layout) {
    this.view = view;
    this.layout = layout;
    this.root = svg("svg", { class: "overview", height: HEIGHT, "aria-hidden": "true" });
    this.root.append(this.columns, this.brushGroup);
    parent.replaceChildren(this.root);
    this.brush.on("brush end", (event: D3BrushEvent<unknown>) => this.brushed(event));
    this.resize(layout);
    view.listen((changes) => {
      if (changes.has("window")) this.moveBrush();
    });
  }

  resize(layout: Layout): void {
    this.layout = layout;
    this.root.setAttribute("width", String(layout.width));
    this.root.setAttribute("viewBox", `0 0 ${layout.width} ${HEIGHT}`);
    this.drawColumns();
    this.brush.extent([
      [layout.left, 2],
      [layout.right, HEIGHT - 4],
    ]);
    select(this.brushGroup).call(this.brush);
    this.moveBrush();
  }

  private brushed(event: D3BrushEvent<unknown>): void {
    if (event.sourceEvent === undefined || event.sourceEvent === null) return;
    const { view, layout } = this;
    if (event.selection === null) {
      if (event.type === "end") view.lookAtAll();
      return;
    }
    const [from, to] = event.selection as [number, number];
    if (to - from < 1) return;
    view.look(timeAt(layout, view.whole, from), timeAt(layout, view.whole, to));
  }

  private moveBrush(): void {
    const { view, layout } = this;
    const { from, to } = view.window;
    const group = select(this.brushGroup);
    if (to - from > (view.whole.to - view.whole.from) * 0.999) return this.brush.clear(group);
    const x1 = xOf(layout, view.whole, from);
    this.brush.move(group, [x1, Math.max(x1 + 2, xOf(layout, view.whole, to))]);
  }

  private drawColumns(): void {
    const { layout, view } = this;
    const { rows, faults } = view.model;
    const count = Math.ceil((layout.right - layout.left) / COLUMN);
    const first = new Float64Array(count);
    const again = new Float64Array(count);
    for (let row = 0; row < rows.count; row += 1) {
      if (rows.kind[row] !== KIND.deliver) continue;
      const column = Math.min(count - 1, Math.floor((xOf(layout, view.whole, rows.at[row]!) - layout.left) / COLUMN));
      if (rows.value[row]! > 1) again[column]! += 1;
      else first[column]! += 1;
    }
    let most = 1;
    for (let column = 0; column < count; column += 1) most = Math.max(most, first[column]! + again[column]!);
    const unit = (HEIGHT - 12) / most;
    const base = HEIGHT - 5;
    const draw = (values: Float64Array, below: Float64Array | null): string => {
      const parts: string[] = [];
      for (const [column, value] of values.entries()) {
        if (value === 0) continue;
        const foot = base - (below?.[column] ?? 0) * unit;
        const height = Math.max(1, value * unit);
        parts.push(`M${layout.left + column * COLUMN},${foot}v${-height}h${COLUMN - 0.5}v${height}Z`);
      }
      return parts.join("");
    };
    this.columns.replaceChildren(
      svg("rect", { class: "lane-band", x: layout.left, y: 2, width: layout.right - layout.left, height: HEIGHT - 6 }),
      svg("text", { class: "lane-detail", x: 10, y: 20 }, "deliveries"),
      svg("text", { class: "lane-detail", x: 10, y: 34 }, "drag to zoom"),
    );
    for (const fault of faults) {
      const x = xOf(layout, view.whole, fault.from);
      const width = Math.max(1.5, xOf(layout, view.whole, fault.to) - x);
      this.columns.append(svg("rect", { class: "fault tag", x, y: 2, width, height: HEIGHT - 6 }));
    }
    this.columns.append(
      svg("path", { class: "overview-first", d: draw(first, null) }),
      svg("path", { class: "overview-again", d: draw(again, first) }),
    );
  }
}
