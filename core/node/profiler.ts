import type { Session } from "node:inspector";
import v8 from "node:v8";
import vm from "node:vm";
import { HostError, type Profiler } from "../host.ts";

/** Bytes between two samples of the heap, on average: V8's own default. */
const SAMPLING_INTERVAL = 32_768;

type Done = (result: HostError | string) => void;

/** {@link Host.profiler} over V8's inspector, in this process. One profile at a time. */
export class NodeProfiler implements Profiler {
  readonly commandLine: readonly string[] = process.argv;
  private isProfiling = false;

  profileProcessor(seconds: number, done: Done): void {
    this.profile("Profiler.start", {}, "Profiler.stop", seconds, done);
  }

  profileHeap(seconds: number, done: Done): void {
    const options = { samplingInterval: SAMPLING_INTERVAL };
    this.profile("HeapProfiler.startSampling", options, "HeapProfiler.stopSampling", seconds, done);
  }

  pending(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const kind of process.getActiveResourcesInfo().sort()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return counts;
  }

  collectGarbage(): void {
    // V8 gives its collector to contexts that are made while the flag is on.
    v8.setFlagsFromString("--expose-gc");
    (vm.runInNewContext("gc") as () => void)();
    v8.setFlagsFromString("--no-expose-gc");
  }

  private profile(start: string, options: object, stop: string, seconds: number, done: Done): void {
    if (this.isProfiling) return done(new HostError("EBUSY", "another profile is being taken"));
    this.isProfiling = true;
    const finish = (result: HostError | string): void => {
      this.isProfiling = false;
      done(result);
    };
    const fail = (error: Error): void => finish(new HostError("EIO", error.message));
    // The inspector takes milliseconds to load, and few daemons ever need it.
    import("node:inspector").then(({ default: { Session } }) => {
      const session = new Session();
      session.connect();
      session.post("Profiler.enable");
      session.post(start, options, (error) => {
        if (error !== null) return fail(error);
        return void setTimeout(() => collect(session, stop, finish), seconds * 1000).unref();
      });
    }, fail);
  }
}

/** Ends the profile and the session. */
function collect(session: Session, stop: string, done: Done): void {
  session.post(stop, (error: Error | null, result?: object) => {
    session.disconnect();
    if (error === null) done(JSON.stringify((result as { profile: object }).profile));
    else done(new HostError("EIO", error.message));
  });
}
