import type { ByteStream, Host } from "../../host.ts";
import { FRAME_RESPONSE, textFrame } from "../../protocol/frame.ts";
import { quote } from "../../protocol/quote.ts";
import { bytesOf, byteString, utf8 } from "../../protocol/text.ts";
import type { Micros } from "../../time.ts";
import { goJson } from "../http/answer.ts";
import type { Layers } from "../layers.ts";
import { hostOf } from "../settings.ts";
import { type Authorization, isAllowed } from "./authorization.ts";
import type { AuthServers } from "./servers.ts";

/** What the gate needs of its session. */
export interface GateOwner {
  /** The session is over. */
  readonly isClosed: boolean;
  readonly stream: ByteStream;
  readonly layers: Layers | null;
  /** Nothing more is read until {@link goOn}. */
  wait(): void;
  /** Does that, then what has come meanwhile. */
  goOn(task: () => void): void;
  answer(frame: Uint8Array): void;
  fail(code: string, text: string): void;
}

/** What one client may do: nothing before its AUTH, then what the auth servers say (protocol §13). */
export class AuthGate {
  authorization: Authorization | null = null;
  private readonly host: Host;
  private readonly servers: AuthServers;
  private readonly owner: GateOwner;
  private secret = "";
  private expiresAt: Micros = 0;

  constructor(host: Host, servers: AuthServers, owner: GateOwner) {
    this.host = host;
    this.servers = servers;
    this.owner = owner;
  }

  /** AUTH, with its body. */
  authenticate(secret: Uint8Array): void {
    const { owner } = this;
    if (this.authorization !== null) return owner.fail("E_INVALID", "AUTH already set");
    this.secret = byteString(secret, 0, secret.length);
    return this.ask((authorization) => {
      if (authorization === null) return owner.fail("E_AUTH_FAILED", "AUTH failed");
      const { identity, identityUrl, rules } = authorization;
      if (rules.length === 0) return owner.fail("E_UNAUTHORIZED", "AUTH no authorizations found");
      const response = { identity, identity_url: identityUrl, permission_count: rules.length };
      return owner.answer(textFrame(FRAME_RESPONSE, utf8(goJson(response))));
    });
  }

  /** Does `proceed` if the client may, now or when the auth server has said so; else fails the session. */
  check(command: string, topic: string, channel: string, proceed: () => void): void {
    const { owner, authorization } = this;
    if (authorization === null) return owner.fail("E_AUTH_FIRST", `AUTH required before ${command}`);
    const decide = (current: Authorization | null): void => {
      if (current === null) return owner.fail("E_AUTH_FAILED", "AUTH failed");
      if (isAllowed(current, topic, channel)) return proceed();
      return owner.fail("E_UNAUTHORIZED", `AUTH failed for ${command} on ${goQuoted(topic)} ${goQuoted(channel)}`);
    };
    return this.host.now() < this.expiresAt ? decide(authorization) : this.ask(decide);
  }

  private ask(then: (authorization: Authorization | null) => void): void {
    const { host, owner, servers, secret } = this;
    const tls = owner.layers?.tls ?? null;
    const commonName = tls === null ? "" : utf8(tls.peerName);
    owner.wait();
    const query = { commonName, remoteIp: hostOf(owner.stream.remoteAddress), secret, isTls: tls !== null };
    servers.ask(query, (authorization) => {
      if (owner.isClosed) return;
      if (authorization !== null) {
        this.authorization = authorization;
        this.expiresAt = host.now() + authorization.timeToLive;
      }
      owner.goOn(() => then(authorization));
    });
  }
}

/** A name is ASCII (protocol §3). */
function goQuoted(name: string): string {
  return quote(bytesOf(name), 0, name.length);
}
