import type { Command } from "./command.ts";

/** A command that is loaded when it is called. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: Command }>;
}

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandEntry[] = [
  { name: "tour", summary: "run the whole catalogue and write reports", load: () => import("./tour.ts") },
  { name: "list", summary: "show the catalogue, or a scenario as JSON", load: () => import("./list.ts") },
  {
    name: "property",
    summary: "say what a property promises and how it is judged",
    load: () => import("./property.ts"),
  },
  { name: "run", summary: "run scenarios, simulated or over TCP, and judge them", load: () => import("./run.ts") },
  { name: "judge", summary: "judge a recorded history", load: () => import("./judge.ts") },
  { name: "replay", summary: "run a stored scenario or run again", load: () => import("./replay.ts") },
  { name: "shrink", summary: "find the smallest scenario that fails alike", load: () => import("./shrink.ts") },
  { name: "explain", summary: "say why a scenario fails, and when it was decided", load: () => import("./explain.ts") },
  { name: "campaign", summary: "random scenarios, judged by every property", load: () => import("./campaign.ts") },
  { name: "exhaust", summary: "make every run of a small world", load: () => import("./exhaust.ts") },
  { name: "kill-matrix", summary: "plant mistakes, and see who notices", load: () => import("./kill-matrix.ts") },
  { name: "nsqd", summary: "serve the broker over TCP and HTTP", load: () => import("./nsqd.ts") },
  {
    name: "nsqlookupd",
    summary: "serve the directory where consumers find nsqds",
    load: () => import("./nsqlookupd.ts"),
  },
  {
    name: "conform",
    summary: "play recorded conversations to any nsqd and nsqlookupd",
    load: () => import("./conform.ts"),
  },
  { name: "bench", summary: "measure the broker and the simulator", load: () => import("./bench.ts") },
];
