import { expect, test } from "vitest";
import { HostError, type Profiler } from "../../../core/host.ts";
import { debugRoutes, profileRoutes } from "../../../core/nsqd/http/debug.ts";
import { route } from "../../../core/nsqd/http/router.ts";
import { FakeHost } from "./fake-host.ts";

class FakeProfiler implements Profiler {
  readonly commandLine = ["node", "nsqd", "--help"];
  readonly asked: string[] = [];
  failure: HostError | null = null;

  profileProcessor(seconds: number, done: (result: HostError | string) => void): void {
    this.asked.push(`cpu ${seconds}`);
    done(this.failure ?? "{}");
  }

  profileHeap(seconds: number, done: (result: HostError | string) => void): void {
    this.asked.push(`heap ${seconds}`);
    done(this.failure ?? "{}");
  }

  pending(): ReadonlyMap<string, number> {
    return new Map([
      ["TCPSocketWrap", 3],
      ["Timeout", 1],
    ]);
  }

  collectGarbage(): void {
    this.asked.push("collect");
  }
}

const profiler = new FakeProfiler();
const routes = debugRoutes(Object.assign(new FakeHost(), { profiler }));

function ask(method: string, target: string, table = routes): object | null {
  let answer: object | null = null;
  route(table, { method, target, body: new Uint8Array(0) }, (response) => {
    answer = response;
  });
  return answer;
}

test("pages", () => {
  expect(ask("GET", "/debug/pprof/")).toMatchObject({ status: 200 });
  expect(ask("GET", "/debug/pprof/cmdline")).toMatchObject({ status: 200, body: "node\0nsqd\0--help" });
  expect(ask("POST", "/debug/pprof/symbol")).toMatchObject({ status: 200, body: "num_symbols: 0\n" });
  expect(ask("GET", "/debug/pprof/goroutine")).toMatchObject({ status: 200, body: "TCPSocketWrap 3\nTimeout 1\n" });
  expect(ask("GET", "/debug/pprof/block")).toMatchObject({ status: 404 });
});

test.each([
  ["profile?seconds=2", "cpu 2", "cpu.cpuprofile"],
  ["profile", "cpu 30", "cpu.cpuprofile"],
  ["profile?seconds=-1", "cpu 30", "cpu.cpuprofile"],
  ["profile?seconds=x", "cpu 30", "cpu.cpuprofile"],
  ["heap?seconds=99999", "heap 600", "heap.heapprofile"],
])("%s", (page, asked, filename) => {
  const headers = { "Content-Disposition": `attachment; filename="${filename}"` };
  expect(ask("GET", `/debug/pprof/${page}`)).toMatchObject({ status: 200, headers, body: "{}" });
  expect(profiler.asked.at(-1)).toBe(asked);
});

test("a profile that cannot be taken", () => {
  profiler.failure = new HostError("EBUSY", "another profile is being taken");
  const body = "Could not take the profile: another profile is being taken\n";
  expect(ask("GET", "/debug/pprof/heap")).toMatchObject({ status: 500, body });
});

test("actions answer 500 when they have done their job, as in nsqd", () => {
  const answer = { status: 500, body: '{"message":"INTERNAL_ERROR"}' };
  expect(ask("POST", "/debug/freememory")).toMatchObject(answer);
  expect(profiler.asked.at(-1)).toBe("collect");
  expect(ask("PUT", "/debug/setblockrate?rate=1")).toMatchObject(answer);
  expect(ask("PUT", "/debug/setblockrate")).toMatchObject({
    status: 400,
    body: 'invalid block rate : strconv.Atoi: parsing "": invalid syntax',
  });
});

test("nsqlookupd has the pages, not the actions", () => {
  const pages = profileRoutes(Object.assign(new FakeHost(), { profiler }));
  expect(ask("GET", "/debug/pprof/goroutine", pages)).toMatchObject({ status: 200 });
  expect(ask("POST", "/debug/freememory", pages)).toMatchObject({ status: 404 });
});

test("without a profiler there are no pages", () => {
  expect(ask("POST", "/debug/freememory", debugRoutes(new FakeHost()))).toMatchObject({ status: 404 });
});
