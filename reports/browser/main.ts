import { buildModel } from "../model/model.ts";
import type { Payload } from "../payload.ts";
import { plural, seconds } from "../words.ts";
import { Charts } from "./charts.ts";
import { Diagram } from "./diagram.ts";
import { byId } from "./dom.ts";
import { drawHistograms } from "./histograms.ts";
import { listenToKeys } from "./keyboard.ts";
import { drawLegend } from "./legend.ts";
import { Overview } from "./overview.ts";
import { LifePanel } from "./panel.ts";
import { themeButton } from "./theme.ts";
import { Tooltip } from "./tooltip.ts";
import { View } from "./view.ts";

/** Brings the page to life. */
function start(): void {
  const model = buildModel(JSON.parse(byId("payload").textContent ?? "") as Payload);
  const view = new View(model);
  const main = byId("diagram");
  const diagram = new Diagram(view, new Tooltip(byId("tooltip"), view), main, (text) => {
    byId("announcer").textContent = text;
  });
  diagram.draw();
  const overview = new Overview(view, byId("overview"), diagram.layout);
  const charts = new Charts(view, byId("chart-list"), diagram.layout);
  const histograms = byId("histogram-list");
  const panel = new LifePanel(view, byId("life"), byId("announcer"));
  panel.show();
  drawLegend(model, byId("legend"));
  drawHistograms(model, histograms);
  themeButton(byId("theme"));
  listenToKeys(view, diagram, [main, byId("life")]);
  listenToButtons(view, diagram);
  showRange(view, diagram);
  let width = main.clientWidth;
  new ResizeObserver(() => {
    if (main.clientWidth === width) return;
    width = main.clientWidth;
    diagram.resize(width);
    overview.resize(diagram.layout);
    charts.resize(diagram.layout);
    drawHistograms(model, histograms);
  }).observe(main);
  document.documentElement.dataset["ready"] = "true";
}

function listenToButtons(view: View, diagram: Diagram): void {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    const msg = button?.dataset["msg"];
    if (msg !== undefined && view.follow(Number(msg))) {
      byId("space-time").scrollIntoView({ block: "start" });
      diagram.focus();
    }
    const zoom = button?.dataset["zoom"];
    if (zoom === "in") view.zoomHere(2);
    if (zoom === "out") view.zoomHere(0.5);
    if (zoom === "all") view.lookAtAll();
  });
  const input = byId("find-msg") as HTMLInputElement;
  input.addEventListener("input", () => input.setCustomValidity(""));
  byId("find").addEventListener("submit", (event) => {
    event.preventDefault();
    if (input.value !== "" && view.follow(Number(input.value))) return diagram.focus();
    input.setCustomValidity("This run has no message of that number.");
    input.reportValidity();
  });
}

function showRange(view: View, diagram: Diagram): void {
  const range = byId("range");
  const note = byId("density-note");
  const show = (): void => {
    const { from, to } = view.window;
    range.textContent = `${seconds(Math.max(0, Math.round(from)))} to ${seconds(Math.round(Math.min(to, view.model.endUs)))}`;
    const { flights } = diagram.counts;
    note.textContent = diagram.bundled ? `${plural(flights, "line")} in view, bundled` : "";
  };
  show();
  view.listen((changes) => {
    if (changes.has("window")) show();
  });
}

start();
