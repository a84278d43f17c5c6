import { failure } from "../../core/nsqd/http/answer.ts";
import type { HttpHandler, HttpRequest, HttpResponse } from "../../core/host.ts";
import { msToMicros } from "../../core/time.ts";
import { serve, type HttpFilter } from "../network/filters.ts";
import type { Station } from "../network/station.ts";
import type { DiscoveryFault } from "../scenario/fault-action.ts";
import { windowOf, type Family, type FaultAgenda, type Trap } from "./effect.ts";

export interface DiscoveryTargets {
  readonly agenda: FaultAgenda;
  readonly network: {
    readonly filters: { add(server: string, filter: HttpFilter): () => void };
    readonly names: { hide(from: string, name: string, missed: () => void): () => void };
    httpService(name: string): { readonly station: Station; readonly handler: HttpHandler } | null;
  };
}

/** What an nsqlookupd is asked by those who look for others. */
const QUESTIONS = new Set(["/lookup", "/channels", "/topics", "/nodes"]);

/** Longer than a topic may be: nobody has it. */
const NO_TOPIC = "x".repeat(65);

/** nsqlookupds answer wrongly, late or not at all; names do not resolve. */
export function discoveryFaults({ agenda, network }: DiscoveryTargets): Family<DiscoveryFault> {
  const filtered = (server: string, forMs: number | undefined, make: (acted: () => void) => HttpFilter): Trap => ({
    set: (acted) => ({
      undo: network.filters.add(server, forQuestions(make(acted))),
      duration: windowOf(forMs),
    }),
  });
  return {
    "lookup-stale": ({ process, forMs }) => {
      const service = network.httpService(process);
      if (service === null) return null;
      return filtered(process, forMs, (acted) => {
        const answers = new Map<string, HttpResponse>();
        service.station.take({ run: () => remember(service.handler, answers) });
        return replacing(
          acted,
          (request, real) => answers.get(keyOf(request)) ?? answers.get(strangerKey(request)) ?? real,
        );
      });
    },
    "lookup-empty": ({ process, forMs }) =>
      filtered(process, forMs, (acted) => replacing(acted, (_, real) => emptied(real))),
    "lookup-fail": ({ process, forMs }) =>
      filtered(process, forMs, (acted) => (_station, _request, _serve, answer) => {
        acted();
        answer(failure(500, "INTERNAL_ERROR"));
      }),
    "lookup-slow": ({ process, delayMs, forMs }) =>
      filtered(process, forMs, (acted) => (station, _, serve, answer) => {
        serve((real) => {
          acted();
          const late = { run: () => answer(real) };
          agenda.add(agenda.now + msToMicros(delayMs), { due: () => station.take(late) });
        });
      }),
    unresolvable: ({ process, of, forMs }) => ({
      set: (acted) => ({ undo: network.names.hide(process, of, acted), duration: windowOf(forMs) }),
    }),
  };
}

/** Lets everything else pass. */
function forQuestions(filter: HttpFilter): HttpFilter {
  return (station, request, serve, answer) => {
    if (request.method === "GET" && QUESTIONS.has(pathOf(request))) filter(station, request, serve, answer);
    else serve(answer);
  };
}

/** The program answers, and its answer is exchanged for another: only where that makes a difference. */
function replacing(acted: () => void, change: (request: HttpRequest, real: HttpResponse) => HttpResponse): HttpFilter {
  return (_, request, serve, answer) => {
    serve((real) => {
      const changed = change(request, real);
      if (changed.status === real.status && changed.body === real.body) {
        answer(real);
        return;
      }
      acted();
      answer(changed);
    });
  };
}

/** Asks an nsqlookupd everything there is to ask. It answers at once, from memory. */
function remember(handler: HttpHandler, answers: Map<string, HttpResponse>): void {
  const ask = (target: string): HttpResponse => {
    const request = { method: "GET", target, body: new Uint8Array(0) };
    let response: HttpResponse | null = null;
    serve(handler, request, (answer) => (response = answer));
    answers.set(keyOf(request), response!);
    return response!;
  };
  const { topics } = JSON.parse(String(ask("/topics").body)) as { readonly topics: readonly string[] };
  ask("/nodes");
  for (const topic of [NO_TOPIC, ...topics])
    for (const path of ["/lookup", "/channels"]) ask(`${path}?topic=${encodeURIComponent(topic)}`);
}

/** The same answer without anybody in it. */
function emptied(real: HttpResponse): HttpResponse {
  if (real.status !== 200) return real;
  const lists = JSON.parse(String(real.body)) as Readonly<Record<string, unknown>>;
  const body = JSON.stringify(Object.fromEntries(Object.keys(lists).map((name) => [name, []])));
  return { ...real, body };
}

/** What is asked: the path, and the topic where there is one. */
function keyOf(request: HttpRequest): string {
  const topic = /[?&]topic=([^&]*)/.exec(request.target)?.[1];
  return topic === undefined ? pathOf(request) : `${pathOf(request)} ${decodeURIComponent(topic)}`;
}

/** The same question for a topic that nobody has. */
function strangerKey(request: HttpRequest): string {
  return `${pathOf(request)} ${NO_TOPIC}`;
}

function pathOf({ target }: HttpRequest): string {
  return target.split("?", 1)[0]!;
}
