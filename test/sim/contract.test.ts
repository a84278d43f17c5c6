import { expect, test, vi } from "vitest";
import type { AcceptStream, StreamEvents } from "../../core/host.ts";
import { generateScenario } from "../../sim/generate/index.ts";
import { Network } from "../../sim/network/network.ts";
import { simulate } from "../../sim/run.ts";
import { small } from "./small.ts";

/** Shows the program its bytes, then spoils them: they are valid only during the call. */
function spoiling(events: StreamEvents): StreamEvents {
  return {
    opened: () => events.opened?.(),
    data: (bytes) => {
      events.data(bytes);
      bytes.fill(0xee);
    },
    ended: () => events.ended(),
    drained: () => events.drained?.(),
    closed: (cause) => events.closed(cause),
  };
}

function spoilAccepted(accept: AcceptStream): AcceptStream {
  return (stream) => spoiling(accept(stream));
}

/** The methods as they are, to be called on any network. */
function originals(): Pick<Network, "bind" | "connect"> {
  const { bind, connect } = Object.getOwnPropertyDescriptors(Network.prototype);
  return { bind: bind.value as Network["bind"], connect: connect.value as Network["connect"] };
}

test("no program keeps the bytes it was shown, or looks again at those it has written", () => {
  const scenarios = [small(), ...[1, 2, 3, 4, 5].map((seed) => generateScenario(seed))];
  const hashes = scenarios.map((scenario) => simulate(scenario, { judge: false }).hash);
  const really = originals();
  const bind = vi.spyOn(Network.prototype, "bind").mockImplementation(function (
    this: Network,
    address,
    service,
    ready,
  ) {
    const spoiled = service.kind === "tcp" ? { ...service, accept: spoilAccepted(service.accept) } : service;
    return really.bind.call(this, address, spoiled, ready);
  });
  const connect = vi.spyOn(Network.prototype, "connect").mockImplementation(function (
    this: Network,
    station,
    address,
    events,
  ) {
    return really.connect.call(this, station, address, spoiling(events));
  });
  try {
    expect(scenarios.map((scenario) => simulate(scenario, { judge: false }).hash)).toEqual(hashes);
    expect(bind).toHaveBeenCalled();
    expect(connect).toHaveBeenCalled();
  } finally {
    bind.mockRestore();
    connect.mockRestore();
  }
});
