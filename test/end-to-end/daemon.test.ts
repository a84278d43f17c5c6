import { mkdtempSync, rmSync } from "node:fs";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { bundleDaemon, Daemon } from "../daemon.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "nsqlab-daemon-"));
const program = bundleDaemon(folder);
const FREE_PORTS = ["--tcp-address=127.0.0.1:0", "--http-address=127.0.0.1:0"];

afterAll(() => rmSync(folder, { recursive: true }));

async function start(args: readonly string[], dataPath?: string): Promise<{ daemon: Daemon; dataPath: string }> {
  const data = dataPath ?? (await mkdtemp(path.join(folder, "data-")));
  return { daemon: new Daemon(program, [`--data-path=${data}`, ...args], folder), dataPath: data };
}

async function post(address: string, target: string, body = ""): Promise<number> {
  const response = await fetch(`http://${address}${target}`, { method: "POST", body });
  await response.arrayBuffer();
  return response.status;
}

async function topics(address: string): Promise<unknown> {
  const response = await fetch(`http://${address}/stats?format=json`);
  const { topics: found } = (await response.json()) as {
    topics: { topic_name: string; paused: boolean; channels: { channel_name: string; paused: boolean }[] }[];
  };
  return found.map((topic) => [
    topic.topic_name,
    topic.paused,
    ...topic.channels.map((channel) => [channel.channel_name, channel.paused]),
  ]);
}

describe("the command line", () => {
  test("--version and --help", async () => {
    const version = new Daemon(program, ["--version"], folder);
    expect(await version.exited).toBe(0);
    expect(version.output).toMatch(/^nsqd v\d+\.\d+\.\d+ /);
    const help = new Daemon(program, ["--help"], folder);
    expect(await help.exited).toBe(0);
    expect(help.output).toContain("--mem-queue-size int");
    expect(help.output).toContain("(default 10000)");
    for (const line of help.output.split("\n")) expect(line.length).toBeLessThanOrEqual(140);
  });

  test.each([
    ["--mem-queue-sise=5", 2, "did you mean --mem-queue-size?"],
    ["--max-rdy-count=many", 2, 'invalid value "many" for flag --max-rdy-count: expected an integer'],
    ["--msg-timeout=5", 2, 'invalid value "5" for flag --msg-timeout: expected a duration with a unit'],
    ["--node-id=1024", 1, "FATAL: failed to instantiate nsqd - --node-id must be [0,1024)"],
    ["--data-path=/no/such/folder", 1, "/no/such/folder"],
    [
      "--config=/no/such/file",
      1,
      "FATAL: failed to instantiate nsqd - failed to load config file /no/such/file - ENOENT",
    ],
  ])("%s: exit %i", async (flag, code, text) => {
    const { daemon } = await start([...FREE_PORTS, flag]);
    expect(await daemon.exited).toBe(code);
    expect(daemon.output).toContain(text);
  });

  test("a configuration file counts more than defaults and less than flags", async () => {
    const file = path.join(folder, "nsqd.cfg");
    await writeFile(file, "max_rdy_count = 7\nmax_msg_size = 77\n");
    const { daemon } = await start([...FREE_PORTS, "--max-msg-size=88", `-config=${file}`]);
    const { http } = await daemon.serving();
    const config = async (name: string): Promise<unknown> => (await fetch(`http://${http}/config/${name}`)).json();
    expect(await config("max_rdy_count")).toBe(7);
    expect(await config("max_msg_size")).toBe(88);
    expect(await config("max_body_size")).toBe(5_242_880);
    daemon.signal("SIGTERM");
    expect(await daemon.exited).toBe(0);
  });

  test("a busy port: exit 1, and which one", async () => {
    const busy = net.createServer();
    await new Promise<void>((resolve) => busy.listen(0, "127.0.0.1", resolve));
    const { port } = busy.address() as net.AddressInfo;
    const onTcp = await start([`--tcp-address=127.0.0.1:${port}`, "--http-address=127.0.0.1:0"]);
    const onHttp = await start(["--tcp-address=127.0.0.1:0", `--http-address=127.0.0.1:${port}`]);
    expect(await onTcp.daemon.exited).toBe(1);
    expect(onTcp.daemon.output).toMatch(new RegExp(`FATAL: .*listen \\(127.0.0.1:${port}\\) failed - .*EADDRINUSE`));
    expect(await onHttp.daemon.exited).toBe(1);
    expect(onHttp.daemon.output).toMatch(new RegExp(`FATAL: .*listen \\(127.0.0.1:${port}\\) failed - .*EADDRINUSE`));
    busy.close();
  });
});

describe("a life", () => {
  test.each<NodeJS.Signals>(["SIGTERM", "SIGINT", "SIGHUP"])(
    "%s: exit 0, clients are closed, everything is saved",
    async (signal) => {
      const { daemon, dataPath } = await start(FREE_PORTS);
      const { tcp, http } = await daemon.serving();
      const [host = "", port] = tcp.split(":");
      const client = net.connect(Number(port), host);
      client.write("  V2SUB t c\n");
      await new Promise((resolve) => client.once("data", resolve));
      await post(http, "/pub?topic=u", "kept");
      const closed = new Promise((resolve) => client.once("close", resolve));
      client.resume();
      daemon.signal(signal);
      expect(await daemon.exited).toBe(0);
      await closed;
      expect(await readFile(path.join(dataPath, "u.diskqueue.meta.dat"), "utf8")).toBe("1\n0,0\n0,34\n");
      const file = JSON.parse(await readFile(path.join(dataPath, "nsqd.dat"), "utf8")) as object;
      expect(file).toMatchObject({ topics: [{ name: "t", channels: [{ name: "c", paused: false }] }, { name: "u" }] });
    },
  );

  test("topics, channels and pauses outlive kill -9", async () => {
    const first = await start(FREE_PORTS);
    const { http } = await first.daemon.serving();
    await post(http, "/topic/create?topic=t");
    await post(http, "/channel/create?topic=t&channel=c");
    await post(http, "/channel/create?topic=t&channel=d%23ephemeral");
    await post(http, "/topic/create?topic=u");
    expect(await post(http, "/channel/pause?topic=t&channel=c")).toBe(200);
    expect(await post(http, "/topic/pause?topic=u")).toBe(200);
    first.daemon.signal("SIGKILL");
    expect(await first.daemon.exited).toBe("SIGKILL");
    const second = await start(FREE_PORTS, first.dataPath);
    expect(await topics((await second.daemon.serving()).http)).toEqual([
      ["t", false, ["c", true]],
      ["u", true],
    ]);
    second.daemon.signal("SIGTERM");
    expect(await second.daemon.exited).toBe(0);
  });

  test("a broken nsqd.dat: exit 1, and the file is left alone", async () => {
    const dataPath = await mkdtemp(path.join(folder, "data-"));
    const file = path.join(dataPath, "nsqd.dat");
    await writeFile(file, '{"topics":[');
    const { daemon } = await start(FREE_PORTS, dataPath);
    expect(await daemon.exited).toBe(1);
    expect(daemon.output).toContain("FATAL: failed to instantiate nsqd - failed to load metadata");
    expect(await readFile(file, "utf8")).toBe('{"topics":[');
  });
});
