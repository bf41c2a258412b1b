import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import manifest from '../../package.json' with { type: 'json' };
import type { Fetch } from './guarded-fetch.ts';
import { guardedFetch } from './guarded-fetch.ts';
import type { Sdk } from './mcp-sdk.ts';
import { loadSdk, toWebError } from './mcp-sdk.ts';
import { WebError } from './web-error.ts';
import { webTexts } from './web-texts.ts';

export type ToolRequest = { readonly name: string; readonly arguments: Record<string, unknown> };

export type CallOptions = {
  readonly url: URL;
  readonly apiKey: string;
  readonly fetch: Fetch;
  readonly maxBytes: number;
  /** For all of it, from the first connection to the answer. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

const maxRequests = 20;
const goodbyeMs = 2_000;

/**
 * Asks one tool of an MCP server, over a connection of its own: that costs two short requests more, and nothing can be
 * stale, shared between users or left open. Resolves to the text of the answer. Rejects with WebError, or with the
 * reason of `signal`.
 */
export async function callTool(request: ToolRequest, options: CallOptions): Promise<string> {
  const { timeoutMs } = options;
  options.signal.throwIfAborted();
  const sdk = await loadSdk();
  const fault = new AbortController();
  const timer = setTimeout(() => fault.abort(new WebError('timed_out', webTexts.timedOut(timeoutMs))), timeoutMs);
  // What happens first is the reason, and not what the client makes of it afterwards.
  const signal = AbortSignal.any([options.signal, fault.signal]);
  const onFault = (error: unknown): void => fault.abort(toWebError(sdk, error));
  try {
    return await converse(sdk, request, { ...options, signal, onFault });
  } catch (error) {
    signal.throwIfAborted();
    throw toWebError(sdk, error);
  } finally {
    clearTimeout(timer);
  }
}

async function converse(
  sdk: Sdk,
  request: ToolRequest,
  { timeoutMs, ...options }: CallOptions & { readonly onFault: (error: unknown) => void },
): Promise<string> {
  const { url, signal, onFault } = options;
  const client = new sdk.Client({ name: 'phonework', version: manifest.version });
  client.onerror = onFault;
  const transport = new sdk.StreamableHTTPClientTransport(url, { fetch: guardedFetch({ ...options, maxRequests }) });
  const link = { sdk, client, limits: { signal, timeout: timeoutMs * 2 } };
  try {
    // The class declares `sessionId` in a way that exactOptionalPropertyTypes does not take for the interface's.
    await client.connect(transport as Transport, link.limits);
    return await ask(link, request);
  } finally {
    void sayGoodbye(client, transport, signal);
  }
}

type Link = {
  readonly sdk: Sdk;
  readonly client: Client;
  /** The client has a time-out of its own, which is not to be the first. */
  readonly limits: { readonly signal: AbortSignal; readonly timeout: number };
};

async function ask(link: Link, { name, arguments: args }: ToolRequest): Promise<string> {
  const { sdk, client, limits } = link;
  const call = { method: 'tools/call', params: { name, arguments: args } } as const;
  try {
    // Not `callTool`, which compiles schemas that the server wrote.
    const result = await client.request(call, sdk.CallToolResultSchema, limits);
    if (result.isError !== true) return toText(result);
    throw new WebError('failed', webTexts.failed, { detail: toText(result) });
  } catch (error) {
    const fault = toWebError(sdk, error);
    // Servers say in different ways that they don't know a tool, but all can list those that they know.
    if (fault.code === 'failed' && !(await hasTool(link, name)))
      throw new WebError('no_tool', webTexts.noTool(name), { cause: fault });
    throw fault;
  }
}

/** True also where nobody can say. */
async function hasTool({ sdk, client, limits }: Link, name: string): Promise<boolean> {
  const listing = client.request({ method: 'tools/list' }, sdk.ListToolsResultSchema, limits);
  const [listed] = await Promise.allSettled([listing]);
  if (listed.status === 'rejected' || listed.value.nextCursor !== undefined) return true;
  return listed.value.tools.some((tool) => tool.name === name);
}

function toText({ content, structuredContent }: CallToolResult): string {
  const texts = content.flatMap((block) => {
    if (block.type === 'text') return [block.text];
    return block.type === 'resource' && 'text' in block.resource ? [block.resource.text] : [];
  });
  return texts.length === 0 && structuredContent !== undefined ? JSON.stringify(structuredContent) : texts.join('\n');
}

/** Ends the session at the server where there is one. Nobody waits for it, and nothing depends on it. */
async function sayGoodbye(
  client: Client,
  transport: StreamableHTTPClientTransport,
  signal: AbortSignal,
): Promise<void> {
  const timer = setTimeout(() => void client.close(), goodbyeMs);
  // A server that can't be told forgets the session by itself in time.
  if (!signal.aborted) await Promise.allSettled([transport.terminateSession()]);
  clearTimeout(timer);
  await client.close();
}
