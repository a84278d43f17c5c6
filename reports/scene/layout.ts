import type { FaultWindow, Handlers } from "../model/spans.ts";
import type { LaneRole, PayloadLane } from "../payload.ts";

/** Where a lane is. Marks sit on `y`; a consumer's handlers are bars below it. */
export interface LaneBox {
  readonly name: string;
  readonly detail: string;
  readonly role: LaneRole;
  readonly top: number;
  readonly y: number;
  readonly bottom: number;
  readonly slotHeight: number;
  /** Rows of bars; more handlers than that share rows. */
  readonly slots: number;
}

/** Sizes of a space-time diagram in pixels. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Edges of the plot: labels are to the left, the time axis below. */
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly lanes: readonly LaneBox[];
  /** Rows of the strip of faults above the lanes, and of each fault its row. */
  readonly faultRows: number;
  readonly faultRow: readonly number[];
}

export const FAULT_ROW = 18;
const AXIS = 34;
const MAX_SLOTS = 10;
const HALF: Readonly<Record<LaneRole, number>> = { producer: 12, nsqd: 12, consumer: 12, operator: 10, other: 10 };

/** Places the lanes: producers, brokers and consumers in groups, room for lines between the groups. */
export function layOut(
  width: number,
  lanes: readonly PayloadLane[],
  handlers: Handlers,
  faults: readonly FaultWindow[],
): Layout {
  const left = width < 640 ? 104 : 152;
  const faultRow = stackFaults(faults);
  const faultRows = faults.length === 0 ? 0 : Math.max(...faultRow) + 1;
  const top = 10 + faultRows * FAULT_ROW + (faultRows > 0 ? 6 : 0);
  const groupGap = lanes.length > 12 ? 44 : lanes.length > 5 ? 76 : 104;
  const laneGap = lanes.length > 12 ? 6 : 18;
  const boxes: LaneBox[] = [];
  let y = top;
  let role: LaneRole | null = null;
  for (const [index, lane] of lanes.entries()) {
    if (role !== null) y += role === lane.role ? laneGap : groupGap;
    role = lane.role;
    const slots = Math.min(MAX_SLOTS, handlers.slots[index]!);
    const slotHeight = slots <= 2 ? 7 : slots <= 5 ? 5 : 3;
    const half = HALF[lane.role];
    const bars = slots === 0 ? 0 : slots * slotHeight + 4;
    boxes.push({ ...lane, top: y, y: y + half, bottom: y + 2 * half + bars, slotHeight, slots });
    y += 2 * half + bars;
  }
  const bottom = y + 6;
  return { width, height: bottom + AXIS, left, right: width - 14, top, bottom, lanes: boxes, faultRows, faultRow };
}

const MAX_FAULT_ROWS = 4;

/** Rows such that faults which overlap in time do not overlap on the strip; the last row takes the rest. */
function stackFaults(faults: readonly FaultWindow[]): number[] {
  const ends: number[] = [];
  return faults.map((fault) => {
    let row = ends.findIndex((end) => end < fault.from);
    if (row < 0) row = Math.min(ends.length, MAX_FAULT_ROWS - 1);
    ends[row] = Math.max(ends[row] ?? Number.NEGATIVE_INFINITY, fault.to);
    return row;
  });
}

/** The part of time that is looked at, and where it is on the page. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

/** Time to pixels. */
export function xOf(layout: Layout, window: TimeWindow, at: number): number {
  return layout.left + ((at - window.from) / (window.to - window.from)) * (layout.right - layout.left);
}

/** Pixels to time. */
export function timeAt(layout: Layout, window: TimeWindow, x: number): number {
  return window.from + ((x - layout.left) / (layout.right - layout.left)) * (window.to - window.from);
}
