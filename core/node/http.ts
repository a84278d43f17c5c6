import http from "node:http";
import https from "node:https";
import { type Bound, HostError, type HttpCall, type HttpHandler, type HttpResponse, type Listener } from "../host.ts";
import { formatAddress, parseAddress } from "./address.ts";
import { startListening } from "./streams.ts";
import type { NodeTlsContext } from "./tls.ts";

/** After an answer that left a body unread, how long and how much of it is read away before the connection closes. */
const LINGER_MS = 500;
const LINGER_BYTES = 256 * 1024;

/** Go's limit for the head of a request. */
const MAX_HEADER_BYTES = 1024 * 1024;

const NO_BYTES = new Uint8Array(0);

/** {@link Host.serveHttp} over node:http. */
export function serveNodeHttp(
  address: string,
  handler: HttpHandler,
  ready: (result: HostError | Bound) => void,
  warn: (message: string) => void,
  tls?: NodeTlsContext,
): Listener {
  const options = { maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: 0, noDelay: true };
  const server = tls === undefined ? http.createServer(options) : createHttpsServer(options, tls);
  server.on("request", (request, response) => serveRequest(handler, request, response));
  server.on("checkContinue", (request, response) => {
    if (!refuseByHead(handler, request, response)) {
      response.writeContinue();
      collectBody(handler, request, response);
    }
  });
  const listener = startListening(server, address, ready, warn);
  return {
    close: () => {
      listener.close();
      server.closeIdleConnections();
    },
  };
}

function createHttpsServer(
  options: http.ServerOptions,
  { options: certificates, settings }: NodeTlsContext,
): https.Server {
  const server = https.createServer({
    ...options,
    ...certificates,
    requestCert: settings.peer !== "anyone",
    rejectUnauthorized: settings.peer === "verified",
  });
  server.on("secureConnection", (socket) => {
    if (settings.peer === "certified" && Object.keys(socket.getPeerCertificate()).length === 0) socket.destroy();
  });
  return server;
}

function serveRequest(handler: HttpHandler, request: http.IncomingMessage, response: http.ServerResponse): void {
  if (!refuseByHead(handler, request, response)) collectBody(handler, request, response);
}

function refuseByHead(handler: HttpHandler, request: http.IncomingMessage, response: http.ServerResponse): boolean {
  const stated = request.headers["content-length"];
  const contentLength = stated === undefined ? (hasBody(request) ? -1 : 0) : Number(stated);
  const refusal = handler.head(request.method ?? "", request.url ?? "", contentLength);
  if (refusal === null) return false;
  if (contentLength === 0) answer(response, refusal);
  else answerUnread(request, response, refusal);
  return true;
}

function hasBody(request: http.IncomingMessage): boolean {
  return request.headers["transfer-encoding"] !== undefined;
}

function collectBody(handler: HttpHandler, request: http.IncomingMessage, response: http.ServerResponse): void {
  const chunks: Uint8Array[] = [];
  let length = 0;
  let isHandled = false;
  const handle = (reply: (value: HttpResponse) => void): void => {
    isHandled = true;
    const whole = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, length);
    const body = (whole ?? NO_BYTES).subarray(0, handler.maxBodyBytes + 1);
    const { method = "", url: target = "", socket } = request;
    const remoteAddress = formatAddress(socket.remoteAddress, socket.remotePort);
    handler.handle({ method, target, body, remoteAddress }, reply);
  };
  request.on("data", (chunk: Buffer) => {
    if (isHandled) return;
    chunks.push(chunk);
    length += chunk.length;
    if (length > handler.maxBodyBytes) handle((value) => answerUnread(request, response, value));
  });
  request.on("end", () => {
    if (!isHandled) handle((value) => answer(response, value));
  });
}

function answer(response: http.ServerResponse, value: HttpResponse): void {
  response.end(writeHead(response, value));
}

/**
 * Answers a request whose body has not come to its end. Closing at once would reset the connection, and the peer
 * might never see the answer; so the rest is read away for a while, within limits.
 */
function answerUnread(request: http.IncomingMessage, response: http.ServerResponse, value: HttpResponse): void {
  response.shouldKeepAlive = false;
  response.write(writeHead(response, value));
  let rest = LINGER_BYTES;
  const finish = (): void => {
    clearTimeout(deadline);
    request.removeAllListeners("data");
    response.end();
  };
  const deadline = setTimeout(finish, LINGER_MS);
  request.on("data", (chunk: Buffer) => {
    rest -= chunk.length;
    if (rest < 0) finish();
  });
  request.on("end", finish);
  request.on("close", finish);
}

/** The body is left to node:http, which writes a text in one piece with its head. */
function writeHead(response: http.ServerResponse, { status, headers, body }: HttpResponse): Uint8Array | string {
  // As a list: that is what node:http is quickest with.
  const list: string[] = [];
  for (const [name, value] of Object.entries(headers)) list.push(name, value);
  list.push("Content-Length", String(Buffer.byteLength(body)));
  response.writeHead(status, list);
  return body;
}

/** Longest answer that is taken in, in bytes. */
const MAX_ANSWER = 16 * 1024 * 1024;

/** {@link Host.requestHttp} over node:http. A connection each: what a kept one has become is only known too late. */
export function requestNodeHttp(
  address: string,
  call: HttpCall,
  done: (result: HostError | HttpResponse) => void,
): void {
  const request = openRequest(address, call);
  if (request instanceof HostError) {
    setImmediate(done, request);
    return;
  }
  let isDone = false;
  const finish = (result: HostError | HttpResponse): void => {
    if (isDone) return;
    isDone = true;
    clearTimeout(connecting);
    clearTimeout(answering);
    done(result);
  };
  const fail = (error: NodeJS.ErrnoException): void => finish(new HostError(error.code ?? "EIO", error.message));
  const giveUp = (code: string, reason: string): void => {
    finish(new HostError(code, `${address}: ${reason}`));
    request.destroy();
  };
  const late = (): void => giveUp("ETIMEDOUT", "i/o timeout");
  const connecting = call.connectTimeout === undefined ? undefined : setTimeout(late, call.connectTimeout / 1000);
  const answering = call.timeout === undefined ? undefined : setTimeout(late, call.timeout / 1000);
  request.on("socket", (socket) => {
    socket.on("connect", () => clearTimeout(connecting));
    if (call.inBackground === true) for (const each of [socket, connecting, answering]) each?.unref();
  });
  request.on("error", fail);
  request.on("response", (response) => {
    const chunks: Buffer[] = [];
    let length = 0;
    response.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > MAX_ANSWER) giveUp("EMSGSIZE", "the answer is too long");
    });
    response.on("error", fail);
    response.on("end", () => {
      finish({ status: response.statusCode ?? 0, headers: flatHeaders(response), body: Buffer.concat(chunks) });
    });
  });
  request.end(call.body);
}

/** What node:http refuses at once (a port or a character that cannot be) is an error of the host like any other. */
function openRequest(
  address: string,
  { method, target, headers, body, tls }: HttpCall,
): http.ClientRequest | HostError {
  const to = parseAddress(address);
  const where = "path" in to ? { socketPath: to.path } : to;
  const length = body.length > 0 ? { "Content-Length": body.length } : {};
  const options = { ...where, method, path: target, headers: { ...headers, ...length }, agent: false } as const;
  try {
    if (tls === undefined) return http.request(options);
    const rejectUnauthorized = tls.settings.peer === "verified";
    return https.request({ ...options, ...(tls as NodeTlsContext).options, rejectUnauthorized });
  } catch (error) {
    return new HostError((error as NodeJS.ErrnoException).code ?? "EINVAL", (error as Error).message);
  }
}

function flatHeaders(response: http.IncomingMessage): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) flat[name] = String(value);
  return flat;
}
