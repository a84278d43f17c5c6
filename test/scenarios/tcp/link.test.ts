import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { randomStream } from "../../../core/random.ts";
import { RealLink } from "../../../scenarios/tcp/link.ts";

/** A server that stands for nsqd: it keeps what it hears and says what it is told. */
let server: Server;
let link: RealLink;
let units: string[];
let onUnit: (unit: string) => void;

beforeEach(async () => {
  server = createServer({ allowHalfOpen: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  units = [];
  onUnit = () => undefined;
  const { port } = server.address() as AddressInfo;
  link = new RealLink({
    client: "c1",
    nsqdAddress: () => ({ host: "127.0.0.1", port }),
    onUnit: (way, unit) => {
      units.push(`${way} ${unit}`);
      onUnit(unit);
    },
    random: randomStream(1, "link"),
  });
  await link.listen();
});

afterEach(() => {
  link.close();
  server.close();
});

/** Both ends of a new connection through the link, and what each has heard. */
async function connectThrough(): Promise<{ client: Ear; nsqd: Ear }> {
  const accepted = once(server, "connection");
  await new Promise<void>((resolve) => {
    link.open(() => resolve());
  });
  const [port] = link.address.split(":").reverse();
  const socket = connect({ host: "127.0.0.1", port: Number(port), allowHalfOpen: true });
  await once(socket, "connect");
  const [nsqd] = (await accepted) as [Socket];
  return { client: new Ear(socket), nsqd: new Ear(nsqd) };
}

class Ear {
  heard = "";
  closed: Promise<string>;
  readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (bytes: Buffer) => {
      this.heard += bytes.toString("latin1");
    });
    this.closed = new Promise((resolve) => {
      let cause = "ended";
      socket.on("error", (error: NodeJS.ErrnoException) => {
        cause = error.code ?? "error";
      });
      socket.on("close", () => resolve(cause));
    });
  }

  async hears(text: string): Promise<void> {
    while (!this.heard.endsWith(text)) await once(this.socket, "data");
  }
}

const OK = "\0\0\0\x06\0\0\0\0OK";

describe("a link", () => {
  test("passes bytes both ways and names what passes", async () => {
    const { client, nsqd } = await connectThrough();
    client.socket.write("  V2NOP\nFIN 0123456789abcdef\n");
    await nsqd.hears("abcdef\n");
    nsqd.socket.write(OK, "latin1");
    await client.hears("OK");
    expect(units).toEqual(["toNsqd NOP", "toNsqd FIN", "toClient OK"]);
  });

  test("an end on one side is an end on the other", async () => {
    const { client, nsqd } = await connectThrough();
    nsqd.socket.resume().on("end", () => nsqd.socket.end("bye"));
    client.socket.end();
    await client.hears("bye");
    client.socket.destroy();
    expect(await nsqd.closed).toBe("ended");
  });

  test("a fault that a unit triggers catches that unit, and nothing before it", async () => {
    const { client, nsqd } = await connectThrough();
    let heal: (() => void) | null = null;
    onUnit = (unit) => {
      if (unit === "FIN") heal = link.cut([link.from("c1")]);
    };
    client.socket.write("  V2NOP\nFIN 0123456789abcdef\nNOP\n");
    await nsqd.hears("NOP\n");
    heal!();
    expect(await client.closed).toBe("ECONNRESET");
    expect(await nsqd.closed).toBe("ECONNRESET");
    expect(nsqd.heard).toBe("  V2NOP\n");
  });

  test("held bytes arrive when they are let go, in order", async () => {
    const { client, nsqd } = await connectThrough();
    client.socket.write("  V2NOP\n");
    await nsqd.hears("NOP\n");
    link.from("c1").block();
    client.socket.write("RDY 1\n");
    client.socket.write("RDY 2\n");
    let opened = false;
    link.open(() => {
      opened = true;
    });
    await new Promise((resolve) => {
      setTimeout(resolve, 30);
    });
    expect(nsqd.heard, "nothing passes").toBe("  V2NOP\n");
    expect(opened, "new connections hang").toBe(false);
    link.from("c1").unblock();
    await nsqd.hears("RDY 1\nRDY 2\n");
  });

  test("an end that nobody could be told of is told when the link works again", async () => {
    const { client, nsqd } = await connectThrough();
    let ended = false;
    nsqd.socket.on("end", () => {
      ended = true;
    });
    link.from("c1").block();
    client.socket.write("  V2NOP\n");
    client.socket.destroy();
    await client.closed;
    await new Promise((resolve) => {
      setTimeout(resolve, 30);
    });
    expect(ended).toBe(false);
    link.from("c1").unblock();
    await once(nsqd.socket, "end");
  });

  test("where nobody listens, the client learns the system's error", async () => {
    server.close();
    expect(
      await new Promise((resolve) => {
        link.open(resolve);
      }),
    ).toBe("ECONNREFUSED");
  });
});
