import { expect, test } from "vitest";
import { type ClientSettings, decodeIdentify, negotiate } from "../../../core/protocol/identify.ts";
import { bytesOf } from "../../../core/protocol/text.ts";
import { DEFAULT_OPTIONS } from "../../../core/nsqd/options.ts";
import { MILLISECOND, SECOND } from "../../../core/time.ts";

const CURRENT: ClientSettings = {
  clientId: "before",
  hostname: "before",
  userAgent: "",
  heartbeatInterval: 30 * SECOND,
  outputBufferSize: 16_384,
  outputBufferTimeout: 250 * MILLISECOND,
  sampleRate: 0,
  msgTimeout: 60 * SECOND,
  topologyRegion: "",
  topologyZone: "",
};

function ask(json: string): ClientSettings | string {
  return negotiate(decodeIdentify(bytesOf(json)), CURRENT, DEFAULT_OPTIONS);
}

test("what is not asked for stays", () => {
  expect(ask("null")).toEqual({ ...CURRENT, clientId: "", hostname: "" });
});

test.each<[string, Partial<ClientSettings>]>([
  ['{"heartbeat_interval":-1}', { heartbeatInterval: 0 }],
  ['{"heartbeat_interval":1000}', { heartbeatInterval: SECOND }],
  ['{"heartbeat_interval":60000}', { heartbeatInterval: 60 * SECOND }],
  ['{"output_buffer_size":-1}', { outputBufferSize: 1, outputBufferTimeout: 0 }],
  ['{"output_buffer_size":-1,"output_buffer_timeout":500}', { outputBufferSize: 1, outputBufferTimeout: 0 }],
  ['{"output_buffer_size":64}', { outputBufferSize: 64 }],
  ['{"output_buffer_timeout":-1}', { outputBufferTimeout: 0 }],
  ['{"output_buffer_timeout":25}', { outputBufferTimeout: 25 * MILLISECOND }],
  ['{"sample_rate":99}', { sampleRate: 99 }],
  ['{"msg_timeout":900000}', { msgTimeout: 900 * SECOND }],
])("%s is granted", (json, wanted) => {
  expect(ask(json)).toMatchObject(wanted);
});

test.each([
  ['{"heartbeat_interval":999}', "heartbeat interval (999) is invalid"],
  ['{"heartbeat_interval":60001}', "heartbeat interval (60001) is invalid"],
  ['{"heartbeat_interval":-2,"msg_timeout":1}', "heartbeat interval (-2) is invalid"],
  ['{"output_buffer_timeout":24,"output_buffer_size":63}', "output buffer timeout (24) is invalid"],
  ['{"output_buffer_size":63}', "output buffer size (63) is invalid"],
  ['{"output_buffer_size":9007199254740993}', "output buffer size (9007199254740993) is invalid"],
  ['{"sample_rate":100}', "sample rate (100) is invalid"],
  ['{"sample_rate":-1}', "sample rate (-1) is invalid"],
  ['{"msg_timeout":999}', "msg timeout (999) is invalid"],
  ['{"msg_timeout":-1}', "msg timeout (-1) is invalid"],
  ['{"msg_timeout":900001}', "msg timeout (900001) is invalid"],
])("%s is refused", (json, problem) => {
  expect(ask(json)).toBe(problem);
});
