import { expect, test } from "vitest";
import { COMMAND_NAMES, COMMANDS, renderStateDiagram, SESSION_STATES } from "../../../core/protocol/states.ts";

// protocol §4, as the specification writes it.
const SPECIFIED = `
IDENTIFY run error error
AUTH run error error
SUB run error error
PUB run run run
MPUB run run run
DPUB run run run
RDY error run ignore
FIN error run run
REQ error run run
TOUCH error run run
CLS error run error
NOP run run run`;

test("the table is the specification's", () => {
  const rows = COMMAND_NAMES.map(
    (name) => `${name} ${COMMANDS[name].init} ${COMMANDS[name].subscribed} ${COMMANDS[name].closing}`,
  );
  expect(rows.join("\n")).toBe(SPECIFIED.trim());
  expect(SESSION_STATES).toEqual({ init: 0, subscribed: 3, closing: 4 });
});

test("the diagram shows every transition", () => {
  const diagram = renderStateDiagram();
  expect(diagram).toMatch(/^stateDiagram-v2\n {2}\[\*\] --> init: magic\n/);
  expect(diagram).toContain("  init --> subscribed: SUB\n");
  expect(diagram).toContain("  subscribed --> closing: CLS\n");
  expect(diagram).toContain("  closing --> closing: RDY (ignored)\n");
  expect(diagram).toContain("  init --> [*]: RDY, FIN, REQ, TOUCH, CLS (E_INVALID)\n");
});
