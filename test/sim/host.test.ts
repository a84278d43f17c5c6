import { describe, expect, test } from "vitest";
import { HostError, type HttpCall, type HttpHandler, type HttpRequest, type HttpResponse } from "../../core/host.ts";
import { WALL_START } from "../../sim/host.ts";
import { Machine } from "../../sim/machine.ts";
import { ToyWorld } from "./toy-world.ts";

const MS = 1_000;

describe("a step", () => {
  test("ends with its tasks, and a task may add tasks", () => {
    const world = new ToyWorld();
    const host = world.host("a");
    const seen: string[] = [];
    host.timer(5 * MS, () => {
      host.endOfStep(() => {
        seen.push("first task");
        host.endOfStep(() => seen.push("task of a task"));
      });
      host.endOfStep(() => seen.push("second task"));
      seen.push("step");
    });
    host.timer(5 * MS, () => seen.push("next step"));
    world.pass(5);
    expect(seen).toEqual(["step", "first task", "second task", "task of a task", "next step"]);
  });

  test("timers fire in the order of their instants, equal ones in that of their creation, cancelled ones never", () => {
    const world = new ToyWorld();
    const host = world.host("a");
    const seen: number[] = [];
    host.timer(2 * MS, () => seen.push(2));
    const cancelled = host.timer(1 * MS, () => seen.push(0));
    host.timer(1 * MS, () => seen.push(1));
    host.timer(2 * MS, () => seen.push(3));
    cancelled.cancel();
    cancelled.cancel();
    world.pass(10);
    expect(seen).toEqual([1, 2, 3]);
  });
});

describe("a frozen process", () => {
  test("runs nothing, and then everything that came, in its order", () => {
    const world = new ToyWorld();
    const { a, client, server } = world.connected();
    const seen: string[] = [];
    server.news();
    client.onData = (text) => seen.push(`${world.agenda.now / MS} ${text}`);
    a.freeze();
    a.timer(150 * MS, () => seen.push("timer"));
    server.say("bytes");
    const cancelled = a.timer(160 * MS, () => seen.push("cancelled"));
    world.pass(200);
    expect(seen).toEqual([]);
    cancelled.cancel();
    a.thaw();
    expect(seen).toEqual(["300 bytes", "timer"]);
  });

  test("stays so until every freeze is over", () => {
    const world = new ToyWorld();
    const host = world.host("a");
    let fired = false;
    host.freeze();
    host.freeze();
    host.timer(1, () => (fired = true));
    world.pass(1);
    host.thaw();
    expect(fired).toBe(false);
    host.thaw();
    expect(fired).toBe(true);
  });

  test("blocked by its own step: the step goes on later, its tasks wait for it, other steps wait behind it", () => {
    const world = new ToyWorld();
    const host = world.host("a");
    const seen: string[] = [];
    const say = (what: string) => (): void => void seen.push(`${world.agenda.now / MS} ${what}`);
    host.timer(1 * MS, () => {
      host.endOfStep(say("flush"));
      host.block(70 * MS, say("after the spin"));
    });
    host.timer(2 * MS, say("other step"));
    world.pass(100);
    expect(seen).toEqual(["71 after the spin", "71 flush", "71 other step"]);
  });
});

describe("a dead process", () => {
  test("never runs again, and its address is free for the next incarnation", () => {
    const world = new ToyWorld();
    const { b, client } = world.connected();
    b.timer(500 * MS, () => expect.unreachable());
    b.kill();
    const next = world.host("b", new Machine(0), 1);
    const server = world.serve(next);
    client.say("to the dead");
    world.pass(1_000);
    expect(server.heard).toEqual([]);
    expect(client.heard.at(-1)).toBe("120 closed reset");
  });

  test("keeps its files: what was replaced in time, not what was under way", () => {
    const world = new ToyWorld();
    const first = world.host("a");
    const bytes = Uint8Array.from([1, 2, 3]);
    first.files.replace("nsqd.dat", bytes, () => first.files.replace("nsqd.dat", Uint8Array.from([9]), () => {}));
    bytes[0] = 77;
    world.pass(3);
    first.kill();
    const seen: unknown[] = [];
    const second = world.host("a", new Machine(0), 1);
    second.files.read("nsqd.dat", (content) => seen.push(content));
    second.files.read("other.dat", (content) => seen.push(content));
    world.pass(100);
    expect(seen).toEqual([Uint8Array.from([1, 2, 3]), null]);
  });
});

describe("clocks and chance", () => {
  test("the wall clock has an offset that may step; the monotonic one does not move by it", () => {
    const world = new ToyWorld();
    const machine = new Machine(-3 * MS);
    const host = world.host("a", machine);
    world.pass(10);
    expect(host.wallNow()).toBe(WALL_START + 7 * MS);
    machine.wallOffset += 60_000 * MS;
    expect(host.wallNow()).toBe(WALL_START + 60_007 * MS);
    expect(host.now()).toBe(10 * MS);
    expect(new Date(WALL_START / MS).toISOString()).toBe("2026-01-01T00:00:00.000Z");
  });

  test("streams differ by name, process and incarnation, and are the same at every call", () => {
    const world = new ToyWorld();
    const host = world.host("a");
    expect(host.random("x")).toBe(host.random("x"));
    const draws = [host.random("y"), world.host("b").random("y"), world.host("a", new Machine(0), 1).random("y")];
    const numbers = draws.map((random) => random.uint32());
    expect(new Set(numbers).size).toBe(3);
    expect(world.host("a").random("y").uint32()).toBe(numbers[0]);
  });
});

const request = (target: string, size = 0): HttpRequest => ({ method: "POST", target, body: new Uint8Array(size) });

describe("HTTP", () => {
  const hello: HttpHandler = {
    maxBodyBytes: 4,
    head: (_method, target) => (target === "/no" ? { status: 404, headers: {}, body: "no" } : null),
    handle: (request, reply) => reply({ status: 200, headers: {}, body: `${request.body.length} bytes` }),
  };
  test("takes a round trip; heads refuse, long bodies come cut to one byte more than allowed", () => {
    const world = new ToyWorld();
    world.host("b").serveHttp(":80", hello, () => {});
    const a = world.host("a");
    const seen: string[] = [];
    const note = (result: HostError | HttpResponse): void => {
      seen.push(
        result instanceof HostError ? result.code : `${world.agenda.now / MS} ${result.status} ${String(result.body)}`,
      );
    };
    a.requestHttp("b:80", request("/yes", 3), note);
    a.requestHttp("b:80", request("/yes", 300), note);
    a.requestHttp("b:80", request("/no"), note);
    a.requestHttp("b:81", request("/yes"), note);
    world.pass(100);
    expect(seen).toEqual(["20 200 3 bytes", "20 200 5 bytes", "20 404 no", "ECONNREFUSED"]);
  });

  test("a call that takes too long ends by ETIMEDOUT, once", () => {
    const world = new ToyWorld();
    const b = world.host("b");
    b.serveHttp(":80", { ...hello, handle: () => {} }, () => {});
    const a = world.host("a");
    const seen: string[] = [];
    const call = (target: string, limits: Pick<HttpCall, "connectTimeout" | "timeout">): void =>
      a.requestHttp("b:80", { ...request(target), ...limits }, (result) => {
        seen.push(`${target} ${world.agenda.now / MS} ${result instanceof HostError ? result.code : result.status}`);
      });
    call("/never", { timeout: 30 * MS, connectTimeout: 11 * MS });
    call("/no", { timeout: 21 * MS, connectTimeout: 11 * MS });
    call("/far", { connectTimeout: 9 * MS });
    world.pass(100);
    expect(seen).toEqual(["/far 9 ETIMEDOUT", "/no 20 404", "/never 30 ETIMEDOUT"]);
  });

  test("a server that dies resets what it had not answered", () => {
    const world = new ToyWorld();
    const b = world.host("b");
    b.serveHttp(":80", { ...hello, handle: () => {} }, () => {});
    const seen: unknown[] = [];
    world.host("a").requestHttp("b:80", request("/yes"), (result) => seen.push((result as HostError).code));
    world.pass(50);
    b.kill();
    world.pass(50);
    expect(seen).toEqual(["ECONNRESET"]);
  });

  test("an address that is taken is refused", () => {
    const world = new ToyWorld();
    const b = world.host("b");
    world.serve(b);
    const seen: unknown[] = [];
    b.serveHttp(":1", hello, (result) => seen.push((result as HostError).code));
    world.pass(1);
    expect(seen).toEqual(["EADDRINUSE"]);
  });
});
