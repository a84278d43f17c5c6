import dgram from "node:dgram";
import { expect, test } from "vitest";
import type { HostError } from "../../../core/host.ts";
import { NodeDatagrams } from "../../../core/node/datagrams.ts";

function unexpected(error: HostError): void {
  expect.unreachable(error.message);
}

test("datagrams arrive whole", async () => {
  const receiver = dgram.createSocket("udp4");
  await new Promise<void>((resolve) => receiver.bind(0, "127.0.0.1", resolve));
  const datagrams = new NodeDatagrams(() => {});
  const came: string[] = [];
  const both = new Promise<void>((resolve) => {
    receiver.on("message", (bytes) => {
      came.push(bytes.toString());
      if (came.length === 2) resolve();
    });
  });
  for (const text of ["one", "two"]) {
    datagrams.send(`127.0.0.1:${receiver.address().port}`, Buffer.from(text), unexpected);
  }
  await both;
  expect(came.sort()).toEqual(["one", "two"]);
  receiver.close();
});

test.each([
  ["no-port", "EINVAL"],
  ["127.0.0.1:9", "EMSGSIZE"],
])("what %s refuses is told", async (address, code) => {
  const error = await new Promise<HostError>((resolve) => {
    new NodeDatagrams(() => {}).send(address, new Uint8Array(70_000), resolve);
  });
  expect(error).toMatchObject({ name: "HostError", code });
});
