import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { parseArguments } from "../../../../core/nsqd/arguments.ts";
import { parseNsqdOptions } from "../../../../core/nsqd/options.ts";
import { LOOKUPD_FLAGS } from "../../../../core/nsqlookupd/flags.ts";
import { parseNsqlookupdOptions } from "../../../../core/nsqlookupd/options.ts";
import { COMPOSE_FILE, KUBERNETES, problemsOf, type Shape } from "./shapes.ts";

const folder = path.resolve(import.meta.dirname, "../../../../core/node/deploy");

type Fields = Record<string, unknown>;

function read(file: string): string {
  return readFileSync(path.join(folder, file), "utf8");
}

function documents(file: string): Fields[] {
  return parseAllDocuments(read(file), { merge: true, uniqueKeys: true }).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Fields;
  });
}

/** What a container runs must be there, and take its flags. */
function checkCommand(words: readonly string[]): void {
  const [program = "", ...args] = words.map((word) => word.replaceAll("$(POD_INDEX)", "2"));
  if (program === "node") {
    expect(existsSync(path.resolve(folder, "..", args[0]!.replace(/\.js$/, ".ts"))), args[0]).toBe(true);
  } else if (program === "nsqd") {
    expect(parseNsqdOptions(parseArguments(args).flags).dataPath).toBe("/data");
  } else {
    expect(program).toBe("nsqlookupd");
    parseNsqlookupdOptions(parseArguments(args, LOOKUPD_FLAGS).flags);
  }
}

describe("compose.yaml", () => {
  const [compose = {}] = documents("compose.yaml");
  const services = compose["services"] as Record<string, Fields>;

  test("has the shape of a compose file", () => {
    expect(problemsOf(compose, COMPOSE_FILE)).toEqual([]);
  });

  test("starts programs that are there, with flags they take", () => {
    expect(Object.keys(services)).toEqual(["nsqlookupd", "nsqd1", "nsqd2", "nsqd3", "consumer"]);
    for (const service of Object.values(services)) checkCommand(service["command"] as string[]);
  });

  test("refers to what it has", () => {
    const volumes = Object.keys(compose["volumes"] as Fields);
    const ports: string[] = [];
    for (const [name, service] of Object.entries(services)) {
      const on = service["depends_on"] ?? [];
      for (const other of Array.isArray(on) ? on : Object.keys(on)) expect(services).toHaveProperty(other as string);
      for (const mount of (service["volumes"] ?? []) as string[]) expect(volumes).toContain(mount.split(":")[0]);
      for (const port of (service["ports"] ?? []) as string[]) ports.push(port.split(":").slice(0, 2).join(":"));
      const { context, dockerfile } = service["build"] as { context: string; dockerfile: string };
      expect(path.resolve(folder, context, dockerfile)).toBe(path.join(folder, "Dockerfile"));
      if (name.startsWith("nsqd")) expect(service["command"]).toContain(`--broadcast-address=${name}`);
    }
    expect(new Set(ports).size).toBe(ports.length);
  });
});

describe.each(readdirSync(path.join(folder, "kubernetes")))("kubernetes/%s", (file) => {
  const objects = documents(`kubernetes/${file}`);
  const named = new Map(objects.map((object) => [`${kindOf(object)} ${nameOf(object)}`, object]));

  test.each(objects.map((object) => [`${kindOf(object)} ${nameOf(object)}`, object] as const))("%s", (_, object) => {
    const shape: Shape | undefined = KUBERNETES[`${String(object["apiVersion"])} ${kindOf(object)}`];
    expect(shape).toBeDefined();
    expect(problemsOf(object, shape!)).toEqual([]);
  });

  test("starts programs that are there, with flags they take", () => {
    for (const object of objects) {
      for (const container of containersOf(object)) {
        checkCommand(container["args"] as string[]);
        const hook = (container["lifecycle"] as { preStop?: { exec: { command: string[] } } } | undefined)?.preStop;
        if (hook !== undefined) checkCommand(hook.exec.command);
      }
    }
  });

  test("selectors, services, ports and volumes belong together", () => {
    for (const object of objects) {
      const spec = object["spec"] as Fields;
      if (kindOf(object) === "Service") {
        expect(spec["clusterIP"]).toBe("None");
        const set = named.get(`StatefulSet ${nameOf(object)}`)!;
        expect(spec["selector"]).toEqual(labelsOf(set));
        const open = portsOf(set);
        for (const { name, port } of spec["ports"] as { name: string; port: number }[]) expect(open[name]).toBe(port);
      }
      if (containersOf(object).length === 0) continue;
      expect((spec["selector"] as Fields)["matchLabels"]).toEqual(labelsOf(object));
      if (kindOf(object) === "StatefulSet") expect(named.has(`Service ${String(spec["serviceName"])}`)).toBe(true);
      const claims = ((spec["volumeClaimTemplates"] ?? []) as Fields[]).map(nameOf);
      for (const container of containersOf(object)) {
        const mounts = (container["volumeMounts"] ?? []) as { name: string }[];
        expect(mounts.map(({ name }) => name)).toEqual(claims);
        for (const name of ["startupProbe", "readinessProbe", "livenessProbe"]) {
          const probe = container[name] as { httpGet?: { port: string }; tcpSocket?: { port: string } } | undefined;
          const port = probe?.httpGet?.port ?? probe?.tcpSocket?.port;
          if (port !== undefined) expect(portsOf(object)).toHaveProperty(port);
        }
      }
    }
  });
});

test("the drain hook ends before Kubernetes gives up waiting", () => {
  const set = documents("kubernetes/nsqd.yaml").find((object) => kindOf(object) === "StatefulSet")!;
  const pod = ((set["spec"] as Fields)["template"] as Fields)["spec"] as Fields;
  const [container] = containersOf(set);
  const { command } = (container!["lifecycle"] as { preStop: { exec: { command: string[] } } }).preStop.exec;
  const seconds = Number(/^--timeout=(\d+)s$/.exec(command.at(-1)!)?.[1]);
  expect(pod["terminationGracePeriodSeconds"]).toBeGreaterThanOrEqual(seconds + 20);
});

describe("Dockerfile", () => {
  const steps = read("Dockerfile")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(" "));

  test("has known instructions only, in two stages, and does not run as root", () => {
    const known = ["FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE", "CMD"];
    expect(steps.map(([word]) => word).filter((word) => !known.includes(word!))).toEqual([]);
    expect(steps.filter(([word]) => word === "FROM").length).toBe(2);
    expect(steps.find(([word]) => word === "USER")?.[1]).toBe("node");
  });

  test("starts the daemon itself, which the package has, where the package is", () => {
    const [, ...words] = steps.findLast(([word]) => word === "CMD")!;
    const command = JSON.parse(words.join(" ")) as string[];
    checkCommand(command);
    const manifest = JSON.parse(readFileSync(path.resolve(folder, "../../../package.json"), "utf8")) as {
      name: string;
      bin: Record<string, string>;
    };
    const directory = steps.findLast(([word]) => word === "WORKDIR")![1]!;
    expect(manifest.bin[command[0]!]).toBe(`${directory.replace(`/app/node_modules/${manifest.name}/`, "")}/nsqd.js`);
  });
});

function kindOf(object: Fields): string {
  return String(object["kind"]);
}

function nameOf(object: Fields): string {
  return String((object["metadata"] as Fields)["name"]);
}

function podOf(object: Fields): Fields {
  return ((object["spec"] as Fields)["template"] ?? {}) as Fields;
}

function labelsOf(object: Fields): unknown {
  return (podOf(object)["metadata"] as Fields)["labels"];
}

function containersOf(object: Fields): Fields[] {
  return ((podOf(object)["spec"] as Fields | undefined)?.["containers"] ?? []) as Fields[];
}

function portsOf(object: Fields): Record<string, number> {
  const ports = containersOf(object).flatMap(
    ({ ports: some = [] }) => some as { name: string; containerPort: number }[],
  );
  return Object.fromEntries(ports.map(({ name, containerPort }) => [name, containerPort]));
}
