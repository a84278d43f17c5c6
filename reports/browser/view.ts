import type { Model } from "../model/model.ts";
import { tellStory, type Story } from "../model/story.ts";
import type { TimeWindow } from "../scene/layout.ts";

/** What changed: the window of time, the followed message or its event, the time under the pointer. */
export type Change = "window" | "followed" | "cursor" | "crosshair";

const SHORTEST_US = 100;
const ANIMATION_MS = 220;

/** What the reader looks at. One object that all drawings share; they are told at most once per frame. */
export class View {
  readonly model: Model;
  /** The whole run, with a little room on both sides. */
  readonly whole: TimeWindow;
  window: TimeWindow;
  story: Story | null = null;
  /** Index of the event in the story that the reader stands on. */
  cursor = 0;
  crosshair: number | null = null;
  private readonly listeners: ((changes: ReadonlySet<Change>) => void)[] = [];
  private readonly pending = new Set<Change>();
  private animation = 0;

  constructor(model: Model) {
    this.model = model;
    const room = model.endUs * 0.012;
    this.whole = { from: -room, to: model.endUs + room };
    this.window = this.whole;
  }

  listen(listener: (changes: ReadonlySet<Change>) => void): void {
    this.listeners.push(listener);
  }

  /** Looks at a part of the run; kept within it. */
  look(from: number, to: number): void {
    cancelAnimationFrame(this.animation);
    this.place(from, to);
  }

  /** The same, gliding there unless the reader prefers no motion. */
  glide(from: number, to: number): void {
    cancelAnimationFrame(this.animation);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return this.place(from, to);
    const start = this.window;
    const begin = performance.now();
    const step = (now: number): void => {
      const part = Math.min(1, (now - begin) / ANIMATION_MS);
      const eased = part * (2 - part);
      this.place(start.from + (from - start.from) * eased, start.to + (to - start.to) * eased);
      if (part < 1) this.animation = requestAnimationFrame(step);
    };
    this.animation = requestAnimationFrame(step);
  }

  /** Zooms by a factor (> 1: closer) around a time, which stays where it is on the screen. */
  zoom(factor: number, around: number): void {
    const { from, to } = this.window;
    this.glide(around - (around - from) / factor, around + (to - around) / factor);
  }

  /** Zooms around the event the reader stands on, which comes to the middle; without one, around the middle. */
  zoomHere(factor: number): void {
    const { from, to } = this.window;
    const here = this.story?.events[this.cursor]?.at ?? Number.NaN;
    const middle = here >= from && here <= to ? here : (from + to) / 2;
    const half = (to - from) / factor / 2;
    this.glide(middle - half, middle + half);
  }

  /** Moves by a part of the window's width. */
  pan(part: number): void {
    const { from, to } = this.window;
    const shift = (to - from) * part;
    this.glide(from + shift, to + shift);
  }

  lookAtAll(): void {
    this.glide(this.whole.from, this.whole.to);
  }

  /** Follows a message; false if there is none of that number. `row`: the event to stand on. */
  follow(msg: number, row = -1): boolean {
    const story = tellStory(this.model, msg);
    if (story === null) return false;
    this.story = story;
    this.cursor = Math.max(
      0,
      story.events.findIndex((event) => event.row === row),
    );
    this.bringLifeIntoView(story);
    this.tell("followed");
    return true;
  }

  release(): void {
    if (this.story === null) return;
    this.story = null;
    this.tell("followed");
  }

  /** Goes to the next (1) or previous (-1) event of the followed message. */
  step(by: number): void {
    if (this.story !== null) this.standOn(this.cursor + by);
  }

  standOn(index: number): void {
    const event = this.story?.events[index];
    if (event === undefined) return;
    this.cursor = index;
    const { from, to } = this.window;
    if (event.at < from || event.at > to) this.glide(event.at - (to - from) / 2, event.at + (to - from) / 2);
    this.tell("cursor");
  }

  point(at: number | null): void {
    if (this.crosshair === at) return;
    this.crosshair = at;
    this.tell("crosshair");
  }

  private bringLifeIntoView(story: Story): void {
    const first = story.events[0]!.at;
    const last = story.events.at(-1)!.at;
    const { from, to } = this.window;
    const life = last - first;
    if (first >= from && last <= to && life > (to - from) * 0.1) return;
    const room = Math.max(life * 0.25, 1_000);
    this.glide(first - room, last + room);
  }

  private place(from: number, to: number): void {
    const longest = this.whole.to - this.whole.from;
    const length = Math.min(longest, Math.max(SHORTEST_US, to - from));
    const middle = (from + to) / 2;
    const start = Math.min(this.whole.to - length, Math.max(this.whole.from, middle - length / 2));
    this.window = { from: start, to: start + length };
    this.tell("window");
  }

  private tell(change: Change): void {
    if (this.pending.size === 0) requestAnimationFrame(() => this.flush());
    this.pending.add(change);
  }

  private flush(): void {
    const changes = new Set(this.pending);
    this.pending.clear();
    for (const listener of this.listeners) listener(changes);
  }
}
