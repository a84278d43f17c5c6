import type { BodySession, PendingBody } from "./body.ts";

/** The body of IDENTIFY or AUTH: a length and so many bytes, gathered before anything is done with them. */
export class SizedBody implements PendingBody {
  private readonly session: BodySession;
  private readonly command: "IDENTIFY" | "AUTH";
  private readonly maxBodySize: number;
  private readonly received: (body: Uint8Array) => void;
  private body: Uint8Array | null = null;

  constructor(
    session: BodySession,
    command: "IDENTIFY" | "AUTH",
    maxBodySize: number,
    received: (body: Uint8Array) => void,
  ) {
    this.session = session;
    this.command = command;
    this.maxBodySize = maxBodySize;
    this.received = received;
    session.reader.expectInt32();
  }

  int32(size: number): void {
    const { session, command, maxBodySize } = this;
    if (size > maxBodySize) return session.fail("E_BAD_BODY", `${command} body too big ${size} > ${maxBodySize}`);
    if (size <= 0) return session.fail("E_BAD_BODY", `${command} invalid body size ${size}`);
    this.body = new Uint8Array(size);
    session.reader.expectBytes(this.body, 0, size);
    return undefined;
  }

  filled(): void {
    this.received(this.body!);
  }

  incomplete(): readonly [string, string] {
    return ["E_BAD_BODY", `${this.command} failed to read ${this.body === null ? "body size" : "body"}`];
  }

  abandon(): void {
    this.body = null;
  }
}
