import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

/** A call of a tool that came in. */
export type MetasoCall = { readonly name: string; readonly arguments: Readonly<Record<string, unknown>> };

/** A text; or an error's text; or anything at all, as the `result` of the answer. */
export type MetasoReply = string | { readonly error: string } | { readonly result: Readonly<Record<string, unknown>> };

const text = { type: 'string' };
const allTools = [
  {
    name: 'metaso_web_search',
    description: 'Searches the web.',
    inputSchema: {
      type: 'object' as const,
      properties: { q: text, scope: text, includeSummary: { type: 'boolean' }, size: { type: 'integer' } },
      required: ['q'],
    },
  },
  {
    name: 'metaso_web_reader',
    description: 'Reads a page.',
    inputSchema: { type: 'object' as const, properties: { url: text, format: text }, required: ['url', 'format'] },
  },
  {
    name: 'metaso_chat',
    description: 'Answers a question.',
    inputSchema: { type: 'object' as const, properties: { message: text, model: text }, required: ['message'] },
  },
];

/** One session of the server: Metaso's tools, without those that `isMissing`. */
export function createToolServer(options: {
  readonly isMissing: (name: string) => boolean;
  readonly answer: (call: MetasoCall) => MetasoReply;
}): Server {
  const server = new Server({ name: 'metaso', version: '1.0.0' }, { capabilities: { tools: {}, logging: {} } });
  const tools = () => allTools.filter(({ name }) => !options.isMissing(name));
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: tools() }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }) => {
    const { name, arguments: args = {} } = params;
    if (!tools().some((tool) => tool.name === name)) return toResult({ error: `Tool ${name} not found` });
    return toResult(options.answer({ name, arguments: args }));
  });
  return server;
}

function toResult(reply: MetasoReply): Record<string, unknown> {
  if (typeof reply === 'string') return { content: [{ type: 'text', text: reply }] };
  if ('result' in reply) return { ...reply.result };
  return { content: [{ type: 'text', text: reply.error }], isError: true };
}
