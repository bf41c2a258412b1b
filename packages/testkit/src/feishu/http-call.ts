import type { IncomingMessage } from 'node:http';
import { isRecord } from './content.ts';
import type { Route } from './route.ts';

/** A call that came to the server, for assertions. */
export type RecordedCall = {
  readonly method: string;
  /** Without `/open-apis`. */
  readonly path: string;
  /** The path with names for its variable parts; undefined where the server knows none. */
  readonly route: string | undefined;
  readonly query: Readonly<Record<string, string>>;
  /** Parsed JSON; undefined for an empty or a multipart body. */
  readonly body: unknown;
  /** ms since the epoch. */
  readonly at: number;
  /** HTTP status; 0 while it is not answered, and for ever when it never was. */
  status: number;
};

/** The body of a request, as JSON or as a form. Rejects when the client goes away. */
export async function readBody(
  request: IncomingMessage,
): Promise<{ readonly json: Readonly<Record<string, unknown>> | undefined; readonly form: FormData | undefined }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  const contentType = request.headers['content-type'] ?? '';
  if (contentType.startsWith('multipart/')) {
    const form = await new Response(bytes, { headers: { 'content-type': contentType } }).formData();
    return { json: undefined, form };
  }
  const json: unknown = bytes.length === 0 ? undefined : JSON.parse(bytes.toString());
  return { json: isRecord(json) ? json : undefined, form: undefined };
}

/** The first route for a path, with what its `:names` stand for. */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { readonly route: Route; readonly names: Readonly<Record<string, string>> } | undefined {
  const segments = path.split('/');
  for (const route of routes) {
    const names = route.method === method ? matchPath(route.path.split('/'), segments) : undefined;
    if (names !== undefined) return { route, names };
  }
  return undefined;
}

function matchPath(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const names: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (expected.startsWith(':')) names[expected.slice(1)] = decodeURIComponent(segment);
    else if (expected !== segment) return undefined;
  }
  return names;
}
