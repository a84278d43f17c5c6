import { expect, test } from "vitest";
import { HostError } from "../../../core/host.ts";
import { bytesOf, decodeUtf8 } from "../../../core/protocol/text.ts";
import { ToyWorld } from "../toy-world.ts";

test("the files are seen as the next incarnation will find them", () => {
  const world = new ToyWorld();
  const host = world.host("n");
  host.files.replaceNow("state", bytesOf("one"));
  const file = host.files.open("data", true);
  if (file instanceof HostError) throw file;
  file.write(bytesOf("records"), 0);
  const before = world.filesOf("n").snapshot();
  file.write(bytesOf("R"), 0);
  expect([...before].map(([name, bytes]) => [name, decodeUtf8(bytes)])).toEqual([
    ["data", "records"],
    ["state", "one"],
  ]);
});
