import { storyLine, type Story } from "../model/story.ts";
import { duration } from "../words.ts";
import { html } from "./dom.ts";
import { labelBox } from "./tooltip.ts";
import type { View } from "./view.ts";

const KEYS: readonly (readonly [string, string])[] = [
  ["+ −", "zoom in, out"],
  ["0", "whole run"],
  ["← →", "move; with a message: its events"],
  ["↓ ↑", "next, previous event in view"],
  ["Enter", "follow that event's message"],
  ["Esc", "release it"],
];

/** The life of the followed message, event by event. */
export class LifePanel {
  private readonly view: View;
  private readonly parent: HTMLElement;
  private readonly announcer: HTMLElement;
  private buttons: readonly HTMLButtonElement[] = [];

  constructor(view: View, parent: HTMLElement, announcer: HTMLElement) {
    this.view = view;
    this.parent = parent;
    this.announcer = announcer;
    view.listen((changes) => {
      if (changes.has("followed")) this.show();
      if (changes.has("followed") || changes.has("cursor")) this.mark();
    });
  }

  /** Draws what there is to tell now. */
  show(): void {
    const { story } = this.view;
    this.parent.classList.toggle("told", story !== null);
    this.buttons = [];
    if (story === null) this.parent.replaceChildren(...help());
    else this.tell(story);
  }

  private tell(story: Story): void {
    const close = html("button", { type: "button", "aria-label": "Release the message" }, "✕");
    close.addEventListener("click", () => this.view.release());
    const title = html("h3", {}, html("span", {}, `Message ${story.msg}`), close);
    const about = html("div", { class: "quiet" }, `${story.topic} · ${story.summary}`);
    const labels = html("div", {}, ...story.labels.map(labelBox));
    for (const other of story.retries)
      labels.append(
        html(
          "button",
          { type: "button", class: "message-link", "data-msg": String(other) },
          `same content as #${other}`,
        ),
      );
    this.buttons = story.events.map((event, index) => {
      const what = html("span", { class: "what" }, event.text);
      for (const label of event.labels) what.append(html("br"), labelBox(label));
      const button = html(
        "button",
        { type: "button", class: `event ${event.tone}`, tabindex: "-1" },
        html("span", { class: "at" }, (event.at / 1e6).toFixed(6), since(story, index)),
        what,
      );
      button.addEventListener("click", () => this.view.standOn(index));
      return button;
    });
    const list = html("ol", {}, ...this.buttons.map((button) => html("li", {}, button)));
    list.style.setProperty("--time", `${((story.events.at(-1)?.at ?? 0) / 1e6).toFixed(6).length + 0.5}ch`);
    const units = html("div", { class: "quiet units" }, "seconds; below, how long after the event before");
    this.parent.replaceChildren(title, about, labels, units, list);
  }

  /** Shows on which event the reader stands; only that one is in the tab order. */
  private mark(): void {
    const { story, cursor } = this.view;
    if (story === null) {
      this.announcer.textContent = "No message followed";
      return;
    }
    for (const [index, button] of this.buttons.entries()) {
      const here = index === cursor;
      button.tabIndex = here ? 0 : -1;
      if (here) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    }
    const here = this.buttons[cursor];
    if (here !== undefined) scrollWithin(this.parent, here);
    if (this.parent.contains(document.activeElement) && here !== undefined) here.focus({ preventScroll: true });
    this.announcer.textContent = `Message ${story.msg}, ${cursor + 1} of ${story.events.length}. ${storyLine(story.events[cursor]!)}`;
  }
}

/** How long after the event before. */
function since(story: Story, index: number): HTMLElement {
  const before = story.events[index - 1];
  const gap = before === undefined ? 0 : story.events[index]!.at - before.at;
  return html("span", { class: "delta" }, gap === 0 ? "" : `+${duration(gap)}`);
}

/** Scrolls the panel, never the page. */
function scrollWithin(panel: HTMLElement, child: HTMLElement): void {
  const top = child.offsetTop - panel.offsetTop;
  const outside = top < panel.scrollTop || top + child.offsetHeight > panel.scrollTop + panel.clientHeight;
  if (outside) panel.scrollTop = top - panel.clientHeight / 3;
}

function help(): HTMLElement[] {
  const keys = KEYS.flatMap(([key, what]) => [
    html("span", {}, ...key.split(" ").flatMap((one) => [html("kbd", {}, one), " "])),
    html("span", {}, what),
  ]);
  return [
    html("h3", {}, "Follow a message"),
    html(
      "p",
      { class: "quiet hint" },
      "Click a line, a mark or a bar: everything else fades, and the message's life is told here. Wheel or pinch zooms, dragging moves.",
    ),
    html("div", { class: "keys" }, ...keys),
  ];
}
