import { describe, expect, test } from "vitest";
import { MetadataError, MetadataKeeper, parseMetadata, renderMetadata } from "../../../core/nsqd/metadata.ts";
import { bytesOf, decodeUtf8 } from "../../../core/protocol/text.ts";
import { FakeAdmin, FakeHost } from "./fake-admin.ts";

function keeper(savesAgain = true): { host: FakeHost; admin: FakeAdmin; metadata: MetadataKeeper } {
  const host = new FakeHost();
  const admin = new FakeAdmin();
  return { host, admin, metadata: new MetadataKeeper(host.asHost(), admin, savesAgain) };
}

/** Loads the content and finishes the write that follows; the failure, or null. */
function load(host: FakeHost, metadata: MetadataKeeper, content: string | null): string | null {
  host.files.content = content === null ? null : bytesOf(content);
  let outcome: string | null = "no answer";
  metadata.load((failure) => (outcome = failure));
  host.endStep();
  host.files.finishWrite();
  return outcome;
}

describe("the file", () => {
  test("lists what lasts, and null for nothing", () => {
    const admin = new FakeAdmin();
    expect(decodeUtf8(renderMetadata(admin))).toBe('{"topics":null,"version":"1.3.0"}');
    const topic = admin.createTopic("t");
    topic.createChannel("c").setPaused(true);
    topic.createChannel("d#ephemeral");
    admin.createTopic("e#ephemeral").createChannel("c");
    admin.createTopic("u").setPaused(true);
    expect(JSON.parse(decodeUtf8(renderMetadata(admin)))).toEqual({
      topics: [
        { name: "t", paused: false, channels: [{ name: "c", paused: true }] },
        { name: "u", paused: true, channels: null },
      ],
      version: "1.3.0",
    });
  });

  test.each([null, "null", "{}", '{"topics":null}', '{"topics":[]}'])("%j is a fresh start", (content) => {
    expect(parseMetadata(content === null ? null : bytesOf(content))).toEqual([]);
  });

  test.each(["", "{", "[]", "5", '{"topics":{}}', '{"topics":[5]}', '{"topics":[{"name":5}]}'])(
    "%j is refused",
    (content) => {
      expect(() => parseMetadata(bytesOf(content))).toThrow(MetadataError);
    },
  );
});

describe("starting", () => {
  test("creates what is listed, paused where it says so, and writes the file anew", () => {
    const { host, admin, metadata } = keeper();
    const topics = [
      { name: "t", paused: true, channels: [{ name: "c", paused: true }, { name: "no/good" }] },
      { name: "no good", channels: [{ name: "c" }] },
    ];
    expect(load(host, metadata, JSON.stringify({ topics }))).toBeNull();
    expect(admin.topics().map(({ name, paused }) => ({ name, paused }))).toEqual([{ name: "t", paused: true }]);
    expect(admin.topic("t")?.channels()).toMatchObject([{ name: "c", paused: true }]);
    expect(host.logged).toEqual([
      "warn skipping creation of invalid channel no/good",
      "warn skipping creation of invalid topic no good",
    ]);
    expect(host.files.written).toHaveLength(1);
  });

  test("an unreadable file is fatal and stays as it is", () => {
    const { host, metadata } = keeper();
    const failure = load(host, metadata, "");
    expect(failure).toBe(
      "failed to load metadata - failed to parse metadata in nsqd.dat - unexpected end of JSON input",
    );
    expect(host.files.written).toEqual([]);
  });
});

describe("changes", () => {
  test("those of one step share a write", () => {
    const { host, admin, metadata } = keeper();
    load(host, metadata, null);
    admin.createTopic("t").createChannel("c");
    admin.createTopic("u");
    expect(host.files.writing).toBe(0);
    host.endStep();
    expect(host.files.writing).toBe(1);
    host.files.finishWrite();
    expect(host.files.written).toHaveLength(2);
    expect(JSON.parse(host.files.written[1] ?? "").topics.map(({ name }: { name: string }) => name)).toEqual([
      "t",
      "u",
    ]);
  });

  test("who asks during a write is told after the next one, which has the change", () => {
    const { host, admin, metadata } = keeper();
    load(host, metadata, null);
    const told: string[] = [];
    admin.createTopic("t");
    metadata.save(() => told.push("first"));
    host.endStep();
    admin.createTopic("u");
    metadata.save(() => told.push("second"));
    host.endStep();
    expect(host.files.writing).toBe(1);
    host.files.finishWrite();
    expect(told).toEqual(["first"]);
    expect(host.files.written.at(-1)).not.toContain('"u"');
    host.endStep();
    host.files.finishWrite();
    expect(told).toEqual(["first", "second"]);
    expect(host.files.written.at(-1)).toContain('"u"');
    host.endStep();
    expect(host.files.writing).toBe(0);
  });
});
