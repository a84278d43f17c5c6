import http from "node:http";
import {
  type Bound,
  HostError,
  type HttpHandler,
  type HttpRequest,
  type HttpResponse,
  type Listener,
} from "../host.ts";
import { parseAddress } from "./address.ts";
import { startListening } from "./streams.ts";

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
): Listener {
  const server = http.createServer({ maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: 0, noDelay: true });
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
    handler.handle({ method: request.method ?? "", target: request.url ?? "", body }, reply);
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
  const body = writeHead(response, value);
  response.end(body);
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

function writeHead(response: http.ServerResponse, value: HttpResponse): Uint8Array {
  const body = typeof value.body === "string" ? Buffer.from(value.body) : value.body;
  response.writeHead(value.status, { ...value.headers, "Content-Length": body.length });
  return body;
}

/** {@link Host.requestHttp} over node:http. */
export function requestNodeHttp(
  address: string,
  request: HttpRequest,
  done: (result: HostError | HttpResponse) => void,
): void {
  const to = parseAddress(address);
  const where = "path" in to ? { socketPath: to.path } : to;
  const headers = request.body.length > 0 ? { "Content-Length": request.body.length } : {};
  const call = http.request({ ...where, method: request.method, path: request.target, headers });
  let isDone = false;
  const finish = (result: HostError | HttpResponse): void => {
    if (isDone) return;
    isDone = true;
    done(result);
  };
  const fail = (error: NodeJS.ErrnoException): void => finish(new HostError(error.code ?? "EIO", error.message));
  call.on("error", fail);
  call.on("response", (response) => {
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("error", fail);
    response.on("end", () => {
      finish({ status: response.statusCode ?? 0, headers: flatHeaders(response), body: Buffer.concat(chunks) });
    });
  });
  call.end(request.body);
}

function flatHeaders(response: http.IncomingMessage): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) flat[name] = String(value);
  return flat;
}
