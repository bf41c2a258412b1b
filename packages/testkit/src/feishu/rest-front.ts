import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { FaultEffect, Faults } from './faults.ts';
import type { RecordedCall } from './http-call.ts';
import { findRoute, readBody } from './http-call.ts';
import { RestError } from './rest-error.ts';
import type { Platform, Route, RouteAnswer } from './route.ts';
import { routes } from './routes.ts';

type Outcome = {
  readonly status: number;
  readonly answer: RouteAnswer;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Answers HTTP calls out of the route table, records them, and spoils those that a fault is for. */
export class RestFront {
  /** In the order in which they came, answered or not. */
  readonly calls: RecordedCall[] = [];
  readonly faults: Faults;
  readonly #platform: () => Platform;
  readonly #closing = new AbortController();

  constructor(options: { readonly faults: Faults; readonly platform: () => Platform }) {
    this.faults = options.faults;
    this.#platform = options.platform;
  }

  /** Ends the waits of slow calls. */
  close(): void {
    this.#closing.abort();
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#answer(request, response);
    } catch {
      // The client went away, or the server is closing: nobody is left to answer.
      response.destroy();
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const method = request.method ?? 'GET';
    const path = url.pathname.replace(/^\/open-apis/, '');
    const found = findRoute(routes, method, path);
    const { json, form } = await readBody(request);
    const query = Object.fromEntries(url.searchParams);
    const route = found?.route.path;
    const call: RecordedCall = { method, path, route, query, body: json, at: Date.now(), status: 0 };
    this.calls.push(call);
    const perform = async (): Promise<Outcome> => {
      if (found === undefined) return refusal(new RestError(1, `no route for ${method} ${path}`, 404));
      try {
        this.#enter(found.route, request);
        const routeCall = { path: found.names, query: url.searchParams, body: json ?? {}, form };
        return success(await found.route.answer(this.#platform(), routeCall));
      } catch (error) {
        if (error instanceof RestError) return refusal(error);
        throw error;
      }
    };
    const effect = this.faults.take(call);
    if (effect !== undefined && effect.kind !== 'slow') {
      await spoil(effect, perform, call, response);
      return;
    }
    if (effect !== undefined) await delay(effect.ms, undefined, { signal: this.#closing.signal });
    write(response, call, await perform());
  }

  /** The gateway: who may call, and how often. Throws RestError. */
  #enter(route: Route, request: IncomingMessage): void {
    if (route.open) return;
    const { tokens, rates } = this.#platform();
    tokens.check(request.headers.authorization);
    rates.enter(`${route.method} ${route.path}`);
  }
}

async function spoil(
  effect: Exclude<FaultEffect, { readonly kind: 'slow' }>,
  perform: () => Promise<Outcome>,
  call: RecordedCall,
  response: ServerResponse,
): Promise<void> {
  if (effect.perform) await perform();
  if (effect.kind === 'hang') return;
  if (effect.kind === 'cut') {
    response.destroy();
    return;
  }
  for (const [name, value] of Object.entries(effect.headers ?? {})) response.setHeader(name, value);
  write(response, call, refusal(new RestError(effect.code ?? 1, 'a planned fault', effect.status)));
}

function success(answer: RouteAnswer): Outcome {
  return { status: 200, answer: Buffer.isBuffer(answer) ? answer : { code: 0, msg: 'success', ...answer } };
}

function refusal({ status, code, message, headers }: RestError): Outcome {
  // The SDK's long connection counts on `data`, also where a call is refused.
  return { status, answer: { code, msg: message, data: {} }, headers };
}

function write(response: ServerResponse, call: RecordedCall, { status, answer, headers }: Outcome): void {
  call.status = status;
  const bytes = Buffer.isBuffer(answer) ? answer : Buffer.from(JSON.stringify(answer));
  const type = Buffer.isBuffer(answer) ? 'application/octet-stream' : 'application/json; charset=utf-8';
  response.writeHead(status, { ...headers, 'content-type': type, 'content-length': bytes.length });
  response.end(bytes);
}
