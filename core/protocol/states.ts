/**
 * What a client may say when (protocol §4): one table, from which the broker takes its decisions and the documentation
 * its state diagram.
 */

/** The states of a client after the magic; the numbers are those of `/stats`. */
export const SESSION_STATES = { init: 0, subscribed: 3, closing: 4 } as const;

export type SessionState = keyof typeof SESSION_STATES;

/** `run` it, answer `E_INVALID cannot <CMD> in current state` and close, or `ignore` it without a word. */
export type Permission = "run" | "error" | "ignore";

export interface CommandRule {
  readonly init: Permission;
  readonly subscribed: Permission;
  readonly closing: Permission;
  /** The state after success; absent: the same as before. */
  readonly next?: SessionState;
}

export const COMMANDS = {
  IDENTIFY: { init: "run", subscribed: "error", closing: "error" },
  AUTH: { init: "run", subscribed: "error", closing: "error" },
  SUB: { init: "run", subscribed: "error", closing: "error", next: "subscribed" },
  PUB: { init: "run", subscribed: "run", closing: "run" },
  MPUB: { init: "run", subscribed: "run", closing: "run" },
  DPUB: { init: "run", subscribed: "run", closing: "run" },
  RDY: { init: "error", subscribed: "run", closing: "ignore" },
  FIN: { init: "error", subscribed: "run", closing: "run" },
  REQ: { init: "error", subscribed: "run", closing: "run" },
  TOUCH: { init: "error", subscribed: "run", closing: "run" },
  CLS: { init: "error", subscribed: "run", closing: "error", next: "closing" },
  NOP: { init: "run", subscribed: "run", closing: "run" },
} as const satisfies Readonly<Record<string, CommandRule>>;

export type Command = keyof typeof COMMANDS;

export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly Command[];

/** Only these failures leave the connection open (protocol §5). */
export const NON_FATAL_ERRORS: readonly string[] = ["E_FIN_FAILED", "E_REQ_FAILED", "E_TOUCH_FAILED"];

/** The state machine of a session as a Mermaid state diagram. */
export function renderStateDiagram(): string {
  const lines = ["stateDiagram-v2", "  [*] --> init: magic"];
  for (const state of Object.keys(SESSION_STATES) as SessionState[]) {
    const staying = COMMAND_NAMES.filter((name) => permits(name, state, "run") && nextOf(name) === undefined);
    lines.push(`  ${state} --> ${state}: ${staying.join(", ")}`);
    for (const name of COMMAND_NAMES) {
      const next = nextOf(name);
      if (next !== undefined && permits(name, state, "run")) lines.push(`  ${state} --> ${next}: ${name}`);
    }
    const ignored = COMMAND_NAMES.filter((name) => permits(name, state, "ignore"));
    if (ignored.length > 0) lines.push(`  ${state} --> ${state}: ${ignored.join(", ")} (ignored)`);
    const refused = COMMAND_NAMES.filter((name) => permits(name, state, "error"));
    lines.push(`  ${state} --> [*]: ${refused.join(", ")} (E_INVALID)`);
  }
  return `${lines.join("\n")}\n`;
}

function permits(name: Command, state: SessionState, permission: Permission): boolean {
  return COMMANDS[name][state] === permission;
}

function nextOf(name: Command): SessionState | undefined {
  const rule: CommandRule = COMMANDS[name];
  return rule.next;
}
