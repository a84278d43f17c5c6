import type { Program } from "./program.ts";

/** One figure that a benchmark yields. */
export interface Measure {
  readonly name: string;
  readonly about: string;
  readonly unit: string;
  readonly better: "more" | "less";
  /** What we demand of ourselves. */
  readonly goal: number;
}

/** Something that is run several times; each run yields a value for every measure. */
export interface Benchmark {
  readonly name: string;
  /** True: runs against an nsqd process, so a peer can be measured beside ours. */
  readonly overTcp: boolean;
  /** True: bare sockets can be measured in the place of an nsqd, see `echo/`. */
  readonly canEcho?: boolean;
  readonly measures: readonly Measure[];
  /** Gets ready (starts processes, warms up); the program is ours or a peer's. */
  prepare(program: Program): Promise<Prepared>;
}

export interface Prepared {
  /** Values in the order of the measures. */
  run(): Promise<readonly number[]>;
  done(): Promise<void>;
}
