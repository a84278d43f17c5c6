import { axisBottom, format, scaleLinear, select, type ScaleLinear } from "d3";
import type { Layout, TimeWindow } from "../scene/layout.ts";

/** Seconds to pixels, for axes. */
function secondsScale(layout: Layout, window: TimeWindow): ScaleLinear<number, number> {
  return scaleLinear([window.from / 1e6, window.to / 1e6], [layout.left, layout.right]);
}

/** Draws the time axis into a group, in seconds, with as many decimals as the steps need. */
export function drawTimeAxis(group: SVGGElement, layout: Layout, window: TimeWindow): void {
  const scale = secondsScale(layout, window);
  const ticks = Math.max(2, Math.floor((layout.right - layout.left) / 90));
  const [first, second] = scale.ticks(ticks);
  const step = first === undefined || second === undefined ? 1 : second - first;
  const decimals = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  select(group).call(
    axisBottom(scale)
      .ticks(ticks)
      .tickFormat(format(`,.${decimals}f`))
      .tickSizeOuter(0),
  );
}
