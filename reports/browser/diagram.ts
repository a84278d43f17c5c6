import { select, zoom, zoomIdentity, type D3ZoomEvent } from "d3";
import { tell } from "../model/story.ts";
import { backdropAt, hitTest, type Hit } from "../scene/hit.ts";
import { layOut, timeAt, xOf, type Layout } from "../scene/layout.ts";
import { drawMessage, drawScene, type Scene } from "../scene/scene.ts";
import type { ScenePath } from "../scene/paths.ts";
import { shorten } from "../scene/backdrop.ts";
import { drawTimeAxis } from "./axis.ts";
import { svg } from "./dom.ts";
import type { Tooltip } from "./tooltip.ts";
import type { Change, View } from "./view.ts";

const HINT =
  "Space-time diagram: one lane per process, time from left to right. Plus and minus zoom, 0 shows all, arrow left and right move, " +
  "arrow down and up go through the events in view, Enter follows the message of that event, Escape releases it.";

/** The space-time diagram. */
export class Diagram {
  layout: Layout;
  private readonly view: View;
  private readonly tooltip: Tooltip;
  private readonly announce: (text: string) => void;
  private readonly root: SVGSVGElement;
  private readonly frame = svg("g");
  private readonly ordinary = svg("g", { class: "ordinary", "clip-path": "url(#plot)" });
  private readonly texts = svg("g", { class: "ordinary" });
  private readonly followed = svg("g", { class: "followed", "clip-path": "url(#plot)" });
  private readonly hovered = svg("g", { class: "hovered", "clip-path": "url(#plot)" });
  private readonly axis = svg("g", { class: "axis" });
  private readonly crosshair = svg("line", { class: "crosshair", visibility: "hidden" });
  private readonly cursor = svg("circle", { class: "cursor", r: 10, visibility: "hidden" });
  private readonly clip = svg("rect");
  private readonly paths = new Map<string, SVGPathElement>();
  private readonly zoomer = zoom<SVGSVGElement, unknown>();
  private scene: Scene | null = null;
  /** Index among the marks on which the keyboard stands, -1: nowhere. */
  private candidate = -1;

  constructor(view: View, tooltip: Tooltip, parent: HTMLElement, announce: (text: string) => void) {
    this.announce = announce;
    this.view = view;
    this.tooltip = tooltip;
    this.root = svg("svg", { tabindex: 0, role: "application", "aria-label": HINT });
    this.root.append(definitions(this.clip), this.frame, this.ordinary, this.texts, this.followed, this.hovered);
    this.root.append(this.cursor, this.crosshair, this.axis);
    parent.replaceChildren(this.root);
    this.layout = this.measure(parent.clientWidth);
    this.arrange();
    this.listenToPointer();
    this.listenToZoom();
    this.root.addEventListener("blur", () => this.forgetCandidate());
    view.listen((changes) => this.update(changes));
  }

  /** Takes a new width. */
  resize(width: number): void {
    this.layout = this.measure(width);
    this.arrange();
    this.draw();
  }

  focus(): void {
    this.root.focus({ preventScroll: true });
  }

  get bundled(): boolean {
    return this.scene?.bundled ?? false;
  }

  get counts(): { readonly flights: number; readonly marks: number } {
    return { flights: this.scene?.flights ?? 0, marks: this.scene?.marks ?? 0 };
  }

  draw(): void {
    const { view, layout } = this;
    this.scene = drawScene(view.model, layout, view.window);
    this.show(this.ordinary, this.paths, this.scene.paths);
    this.texts.replaceChildren(
      ...this.scene.texts.map((one) => svg("text", { class: one.style, x: one.x, y: one.y }, one.text)),
    );
    drawTimeAxis(this.axis, layout, view.window);
    this.drawHeal();
    this.drawFollowed();
    this.root.dataset["flights"] = String(this.scene.flights);
    this.root.dataset["marks"] = String(this.scene.marks);
    this.root.dataset["bundled"] = String(this.scene.bundled);
  }

  /** Moves the keyboard's place among the marks in view; what is there is shown and can be followed. */
  moveCandidate(by: number): void {
    const { marks } = this.view.model;
    const { from, to } = this.view.window;
    const inView = (index: number): boolean =>
      marks.msg[index]! >= 0 && marks.at[index]! >= from && marks.at[index]! <= to;
    let index = this.candidate;
    if (index < 0 || !inView(index)) index = by > 0 ? -1 : marks.count;
    do index += by;
    while (index >= 0 && index < marks.count && !inView(index));
    if (index < 0 || index >= marks.count) return;
    this.candidate = index;
    this.showHover({ msg: marks.msg[index]!, row: marks.row[index]! });
    const box = this.root.getBoundingClientRect();
    const lane = this.layout.lanes[marks.lane[index]!]!;
    const x = xOf(this.layout, this.view.window, marks.at[index]!);
    this.ring(x, lane.y);
    this.tooltip.message(marks.msg[index]!, marks.row[index]!, box.left + x, box.top + lane.y, true);
    this.announce(`${tell(this.view.model, marks.row[index]!).text}, message ${marks.msg[index]!}. Enter to follow.`);
  }

  /** What the keyboard stands on. */
  get candidateHit(): Hit | null {
    const { marks } = this.view.model;
    if (this.candidate < 0) return null;
    return { msg: marks.msg[this.candidate]!, row: marks.row[this.candidate]! };
  }

  private measure(width: number): Layout {
    const { model } = this.view;
    return layOut(Math.max(420, width), model.lanes, model.handlers, model.faults);
  }

  private update(changes: ReadonlySet<Change>): void {
    // What the tooltip was about is no longer under the pointer.
    if (changes.has("window") && this.candidate < 0) this.tooltip.hide();
    if (changes.has("window")) this.draw();
    else if (changes.has("followed") || changes.has("cursor")) this.drawFollowed();
    if (changes.has("crosshair") || changes.has("window")) this.drawCrosshair();
  }

  /** What does not move with time: lanes and their names. */
  private arrange(): void {
    const { layout } = this;
    for (const [name, value] of Object.entries({
      width: layout.width,
      height: layout.height,
      viewBox: `0 0 ${layout.width} ${layout.height}`,
    }))
      this.root.setAttribute(name, String(value));
    setAttributes(this.clip, {
      x: layout.left,
      y: 0,
      width: layout.right - layout.left,
      height: layout.bottom,
    });
    this.axis.setAttribute("transform", `translate(0,${layout.bottom})`);
    const room = Math.floor((layout.left - 18) / 6.6);
    this.frame.replaceChildren();
    for (const lane of layout.lanes) {
      const width = layout.right - layout.left;
      this.frame.append(
        svg("rect", { class: "lane-band", x: layout.left, y: lane.top, width, height: lane.bottom - lane.top }),
        svg("line", { class: "lane-line", x1: layout.left, x2: layout.right, y1: lane.y, y2: lane.y }),
      );
      const name = svg("text", { class: "lane-name", x: 10, y: lane.y }, shorten(lane.name, room));
      const detail = svg("text", { class: "lane-detail", x: 10, y: lane.y + 12 }, shorten(lane.detail, room));
      name.append(svg("title", {}, `${lane.name}: ${lane.role} ${lane.detail}`));
      this.frame.append(name, detail);
    }
    const label = svg("text", { class: "axis-label", x: 10, y: layout.bottom + 18 }, "time, s");
    this.frame.append(label);
    this.zoomer
      .extent([
        [layout.left, 0],
        [layout.right, layout.height],
      ])
      .translateExtent([
        [layout.left, 0],
        [layout.right, layout.height],
      ]);
  }

  private show(parent: SVGGElement, known: Map<string, SVGPathElement>, paths: readonly ScenePath[]): void {
    const used = new Set<string>();
    for (const { style, d, count } of paths) {
      used.add(style);
      let path = known.get(style);
      if (path === undefined) known.set(style, (path = svg("path", { class: style })));
      path.setAttribute("d", d);
      path.dataset["count"] = String(count);
      parent.append(path);
    }
    for (const [style, path] of known) {
      if (used.has(style)) continue;
      path.remove();
      known.delete(style);
    }
  }

  private drawHeal(): void {
    const { layout, view } = this;
    const { healUs, endUs } = view.model;
    const x = xOf(layout, view.window, healUs);
    if (healUs >= endUs || x < layout.left || x > layout.right - 4) return;
    const top = layout.lanes[0]?.top ?? 0;
    this.texts.append(svg("line", { class: "heal", x1: x, x2: x, y1: top, y2: layout.bottom }));
    const near = x > layout.right - 96;
    this.texts.append(
      svg(
        "text",
        { class: "heal-name", x: near ? x - 4 : x + 4, y: layout.bottom - 3, "text-anchor": near ? "end" : "start" },
        view.model.faults.length === 0 ? "load ends" : "faults healed",
      ),
    );
  }

  private drawFollowed(): void {
    const { view, layout } = this;
    const { story } = view;
    this.root.classList.toggle("following", story !== null);
    this.cursor.setAttribute("visibility", "hidden");
    this.followed.replaceChildren();
    this.hovered.replaceChildren();
    if (story === null) return;
    this.followed.append(...pathsOf(drawMessage(view.model, layout, view.window, story.msg)));
    const event = story.events[view.cursor]!;
    const lane = layout.lanes[event.lane];
    const x = xOf(layout, view.window, event.at);
    if (lane !== undefined && x >= layout.left && x <= layout.right) this.ring(x, lane.y);
  }

  private ring(x: number, y: number): void {
    setAttributes(this.cursor, { cx: x, cy: y, visibility: "visible" });
  }

  private drawCrosshair(): void {
    const { view, layout } = this;
    const x = view.crosshair === null ? -1 : xOf(layout, view.window, view.crosshair);
    const seen = x >= layout.left && x <= layout.right;
    setAttributes(this.crosshair, { visibility: seen ? "visible" : "hidden" });
    if (seen) setAttributes(this.crosshair, { x1: x, x2: x, y1: 0, y2: layout.bottom });
  }

  private forgetCandidate(): void {
    if (this.candidate < 0) return;
    this.candidate = -1;
    this.hovered.replaceChildren();
    this.tooltip.hide();
    if (this.view.story === null) this.cursor.setAttribute("visibility", "hidden");
  }

  private showHover(hit: Hit | null): void {
    const { view, layout } = this;
    this.hovered.replaceChildren();
    if (hit === null || hit.msg < 0 || view.story?.msg === hit.msg) return;
    this.hovered.append(...pathsOf(drawMessage(view.model, layout, view.window, hit.msg)));
  }

  private place(event: MouseEvent): { readonly x: number; readonly y: number } {
    const box = this.root.getBoundingClientRect();
    const scale = this.layout.width / box.width;
    return { x: (event.clientX - box.left) * scale, y: (event.clientY - box.top) * scale };
  }

  private hit(event: MouseEvent): Hit | null {
    const { x, y } = this.place(event);
    if (x < this.layout.left) return null;
    return hitTest(this.view.model, this.layout, this.view.window, x, y, this.bundled);
  }

  private tellBackground(event: MouseEvent): void {
    const { layout, view, tooltip } = this;
    const { x, y } = this.place(event);
    if (x < layout.left || x > layout.right) return tooltip.hide();
    const text = backdropAt(view.model, layout, view.window, x, y);
    if (text !== null) tooltip.text(text, event.clientX, event.clientY);
    else if (this.bundled && y > layout.top && y < layout.bottom) tooltip.crowd(layout, x, event);
    else tooltip.hide();
  }

  private listenToPointer(): void {
    const { root, view } = this;
    root.addEventListener("pointermove", (event) => {
      if (event.buttons !== 0) return this.tooltip.hide();
      const { x } = this.place(event);
      view.point(x < this.layout.left ? null : timeAt(this.layout, view.window, x));
      const hit = this.hit(event);
      root.classList.toggle("pointing", hit !== null && hit.msg >= 0);
      this.showHover(hit);
      if (hit !== null) this.tooltip.message(hit.msg, hit.row, event.clientX, event.clientY, false);
      else this.tellBackground(event);
    });
    root.addEventListener("pointerleave", () => {
      view.point(null);
      this.hovered.replaceChildren();
      this.tooltip.hide();
    });
    root.addEventListener("click", (event) => {
      if (event.defaultPrevented) return;
      const hit = this.hit(event);
      if (hit !== null && hit.msg >= 0) view.follow(hit.msg, hit.row);
      else if (this.bundled) view.zoom(6, timeAt(this.layout, view.window, this.place(event).x));
      else if (hit === null) view.release();
    });
  }

  /** A wheel that came here by scrolling the page does not mean to zoom; once the pointer has moved in here it does. */
  private keepPageScrolling(): void {
    let scrolling = false;
    addEventListener("wheel", (event) => (scrolling ||= !this.root.contains(event.target as Node)), {
      capture: true,
      passive: true,
    });
    this.root.addEventListener("pointermove", (event) => {
      if (event.movementX !== 0 || event.movementY !== 0) scrolling = false;
    });
    this.zoomer.filter((event: Event) => {
      if (event instanceof WheelEvent) return !scrolling || event.ctrlKey;
      return event instanceof MouseEvent ? !event.ctrlKey && event.button === 0 : true;
    });
  }

  /** d3 reads the gestures; the view is the one truth, and d3's transform is set from it. */
  private listenToZoom(): void {
    const { view } = this;
    const whole = view.whole.to - view.whole.from;
    this.keepPageScrolling();
    this.zoomer.scaleExtent([1, whole / 100]).on("zoom", (event: D3ZoomEvent<SVGSVGElement, unknown>) => {
      if (event.sourceEvent === null) return;
      const { k, x } = event.transform;
      const { left, right } = this.layout;
      const length = whole / k;
      const from = view.whole.from + (((left - x) / k - left) / (right - left)) * whole;
      view.look(from, from + length);
    });
    const selection = select(this.root);
    selection.call(this.zoomer).on("dblclick.zoom", null);
    view.listen((changes) => {
      if (!changes.has("window")) return;
      const { left, right } = this.layout;
      const k = whole / (view.window.to - view.window.from);
      const before = ((view.window.from - view.whole.from) / whole) * (right - left);
      this.root.__zoom = zoomIdentity.translate(left - (left + before) * k, 0).scale(k);
    });
  }
}

declare global {
  interface SVGSVGElement {
    /** Where d3 keeps the transform of a zoomed element. */
    __zoom?: typeof zoomIdentity;
  }
}

function pathsOf(paths: readonly ScenePath[]): SVGPathElement[] {
  return paths.map(({ style, d, count }) => svg("path", { class: style, d, "data-count": count }));
}

function setAttributes(element: SVGElement, attributes: Readonly<Record<string, string | number>>): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}

function definitions(clip: SVGRectElement): SVGDefsElement {
  const defs = svg("defs");
  const path = svg("clipPath", { id: "plot" });
  path.append(clip);
  const hatch = svg("pattern", {
    id: "hatch",
    width: 6,
    height: 6,
    patternUnits: "userSpaceOnUse",
    patternTransform: "rotate(45)",
  });
  hatch.append(svg("line", { class: "hatch", x1: 0, y1: 0, x2: 0, y2: 6 }));
  defs.append(path, hatch);
  return defs;
}
