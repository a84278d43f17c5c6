/** A client was used in a way it does not allow. */
export class ClientError extends Error {
  override readonly name = "ClientError";
  readonly code: ClientErrorCode;

  constructor(code: ClientErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export type ClientErrorCode =
  | "invalid-topic"
  | "invalid-channel"
  | "already-connected"
  | "stopped"
  | "invalid-argument";
