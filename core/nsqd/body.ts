import type { ByteReader } from "../protocol/reader.ts";

/** A command whose body is on its way. Driven by what the session's reader finds. */
export interface PendingBody {
  int32(value: number): void;
  filled(): void;
  /** What the client is told when the body stops short: an error code and its text (protocol §14). */
  incomplete(): readonly [code: string, text: string];
  /** The connection is going away: lets go of what has come. */
  abandon(): void;
}

/** What a command with a body needs of its session. */
export interface BodySession {
  readonly reader: ByteReader;
  /** Answers OK and goes on with the next command. */
  succeed(): void;
  /** Answers with that frame and goes on. */
  answer(frame: Uint8Array): void;
  /** Answers with an error; all that come here are fatal. */
  fail(code: string, text: string): void;
}
