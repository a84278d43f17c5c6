import http from "node:http";
import net from "node:net";
import { describe, expect, test } from "vitest";
import { type Host, HostError, type HttpCall, type HttpHandler, type HttpResponse } from "../../../core/host.ts";
import { createNodeHost } from "../../../core/node/host.ts";

const host: Host = createNodeHost({ log: () => {} });

const echo: HttpHandler = {
  maxBodyBytes: 1000,
  head: () => null,
  handle: ({ method, target, body }, reply) => {
    reply({ status: 200, headers: { "X-Length": String(body.length) }, body: `${method} ${target} ${body.length}` });
  },
};

function serve(handler: HttpHandler): Promise<{ address: string; close(): void }> {
  return new Promise((resolve, reject) => {
    const listener = host.serveHttp("127.0.0.1:0", handler, (result) => {
      if (result instanceof HostError) reject(result);
      else resolve({ address: result.address, close: () => listener.close() });
    });
  });
}

function ask(address: string, request: Partial<HttpCall>): Promise<HttpResponse | HostError> {
  const whole = { method: "GET", target: "/", body: new Uint8Array(0), ...request };
  return new Promise((resolve) => host.requestHttp(address, whole, resolve));
}

function text(answer: HttpResponse | HostError): string {
  return answer instanceof HostError ? answer.message : Buffer.from(answer.body as Uint8Array).toString();
}

/** Sends raw bytes and returns everything that comes back until the peer closes. */
function raw(address: string, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = "";
    const socket = net.connect(Number(address.split(":")[1]), "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (chunk) => (received += chunk.toString()));
    socket.on("close", () => resolve(received));
    socket.on("error", reject);
  });
}

describe("requests as values", () => {
  test("there and back", async () => {
    const server = await serve(echo);
    const answer = await ask(server.address, { method: "POST", target: "/a?b=c", body: Buffer.alloc(1000) });
    expect(answer).toMatchObject({ status: 200, headers: { "x-length": "1000" } });
    expect(text(answer)).toBe("POST /a?b=c 1000");
    server.close();
  });

  test("carry headers out, and end by a deadline", async () => {
    const silent = http.createServer((request, response) => {
      if (request.url === "/") response.end(request.headers.accept);
    });
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = `127.0.0.1:${(silent.address() as net.AddressInfo).port}`;
    expect(text(await ask(address, { headers: { Accept: "a/b" }, timeout: 5e6, connectTimeout: 5e6 }))).toBe("a/b");
    expect(await ask(address, { target: "/silence", timeout: 20_000 })).toMatchObject({ code: "ETIMEDOUT" });
    silent.close();
  });

  test.each([
    ["127.0.0.1:99999", "/", "ERR_SOCKET_BAD_PORT"],
    ["127.0.0.1:1", "/ü ", "ERR_UNESCAPED_CHARACTERS"],
    ["127.0.0.1:1", "/", "ECONNREFUSED"],
  ])("that cannot be sent are errors: %s %s", async (address, target, code) => {
    expect(await ask(address, { target })).toMatchObject({ name: "HostError", code });
  });

  test("connections are kept alive", async () => {
    const server = await serve(echo);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    for (let round = 0; round < 3; round++) {
      await new Promise<void>((resolve) => {
        http.get(`http://${server.address}/`, { agent }, (response) => {
          ports.add(response.socket.localPort);
          response.resume().on("end", resolve);
        });
      });
    }
    expect(ports.size).toBe(1);
    agent.destroy();
    server.close();
  });

  test("nobody listens", async () => {
    const server = await serve(echo);
    server.close();
    expect(await ask(server.address, {})).toMatchObject({ name: "HostError", code: "ECONNREFUSED" });
  });
});

describe("bodies", () => {
  test("a longer one, chunked, comes cut to one byte more than the limit", async () => {
    const server = await serve(echo);
    const chunk = `400\r\n${"x".repeat(1024)}\r\n`;
    const request = `POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}${chunk}0\r\n\r\n`;
    const answer = await raw(server.address, request);
    expect(answer).toContain("X-Length: 1001");
    expect(answer).toContain("POST / 1001");
    server.close();
  });

  test("the head alone can refuse: the answer arrives although the body is never read to its end", async () => {
    const lengths: number[] = [];
    const refusing: HttpHandler = {
      ...echo,
      head: (_method, _target, contentLength) => {
        lengths.push(contentLength);
        return contentLength > 1000 ? { status: 413, headers: {}, body: "too big" } : null;
      },
    };
    const server = await serve(refusing);
    const head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50000000\r\n\r\n";
    const answer = await raw(server.address, head + "x".repeat(100_000));
    expect(answer).toMatch(/^HTTP\/1.1 413 .*too big$/s);
    expect(answer).toContain("Connection: close");
    await ask(server.address, { method: "POST", body: Buffer.alloc(10) });
    await ask(server.address, {});
    expect(lengths).toEqual([50_000_000, 10, 0]);
    server.close();
  });

  test("a client that asks before sending is refused without sending", async () => {
    const server = await serve({ ...echo, head: () => ({ status: 413, headers: {}, body: "" }) });
    const head = "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5000\r\n\r\n";
    const answer = await raw(server.address, head);
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    server.close();
  });

  test("a client that goes away half way is forgotten", async () => {
    const handled: string[] = [];
    const server = await serve({
      ...echo,
      handle: (request, reply) => {
        handled.push(request.method);
        echo.handle(request, reply);
      },
    });
    await new Promise<void>((resolve) => {
      const socket = net.connect(Number(server.address.split(":")[1]), "127.0.0.1", () => {
        socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nhalf", () => socket.destroy());
      });
      socket.on("close", () => resolve());
    });
    await ask(server.address, {});
    expect(handled).toEqual(["GET"]);
    server.close();
  });
});
