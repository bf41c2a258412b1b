import { newId } from '@phonework/shared/id';
import * as z from 'zod';
import type { TurnContext } from '../turn-context.ts';
import type { Metaso } from '../web/metaso.ts';
import { searchScopes } from '../web/metaso.ts';
import { WebError } from '../web/web-error.ts';
import type { Tool } from './tool.ts';
import { defineTool, ToolError } from './tool.ts';
import { renderProse, renderResults, renderUntrusted, webToolTexts } from './web-tool-texts.ts';

export type WebToolOptions = { readonly metaso: Pick<Metaso, 'ask' | 'read' | 'search'> };

const usualMaxChars = 6_000;
/** The model gets to see 12,000 characters of a tool's output; more would lose its middle. */
const maxMaxChars = 11_000;

const parameters = z.object({
  action: z.enum(['search', 'fetch', 'ask']),
  query: z.string().max(4_000).default('').describe(webToolTexts.query),
  url: z.string().max(2_000).default('').describe(webToolTexts.url),
  scope: z.enum(searchScopes).default('webpage').describe(webToolTexts.scope),
  max_chars: z.int().positive().default(usualMaxChars).describe(webToolTexts.maxChars(usualMaxChars, maxMaxChars)),
});

type Call = z.output<typeof parameters>;

/** The `web` tool. Strangers wrote what it returns, so that taints the turn. */
export function webTool({ metaso }: WebToolOptions): Tool {
  return defineTool({
    name: 'web',
    description: webToolTexts.description,
    parameters,
    isUntrusted: true,
    async run(call, context) {
      const maxChars = Math.min(call.max_chars, maxMaxChars);
      try {
        const text = await actions[call.action](metaso, call, context);
        return text.trim() === '' ? webToolTexts.nothing : untrusted(text, maxChars, context);
      } catch (error) {
        if (!(error instanceof WebError)) throw error;
        const { message, detail } = error;
        const words = detail === '' ? '' : `\n${untrusted(detail, maxDetailChars, context)}`;
        throw new ToolError(`${message}${words}`, { cause: error });
      }
    },
  });
}

const maxDetailChars = 500;

type Action = (metaso: WebToolOptions['metaso'], call: Call, context: TurnContext) => Promise<string>;

const actions: Readonly<Record<Call['action'], Action>> = {
  async search(metaso, { query, scope }, { signal }) {
    requireArgument('search', { query });
    const found = await metaso.search({ query, scope }, signal);
    return typeof found === 'string' ? found : renderResults(found);
  },

  async fetch(metaso, { url }, { taint, signal }) {
    requireArgument('fetch', { url });
    if (taint.isTainted && !taint.hasSeen(url)) throw new ToolError(webToolTexts.unseenAddress);
    return renderProse(await metaso.read(url, signal));
  },

  async ask(metaso, { query }, { signal }) {
    requireArgument('ask', { query });
    return renderProse(await metaso.ask(query, signal));
  },
};

function requireArgument(action: string, argument: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(argument)) {
    if (value.trim() === '') throw new ToolError(webToolTexts.missing(action, name));
  }
}

/** The only way for words from outside to the model. */
function untrusted(text: string, maxChars: number, { taint }: TurnContext): string {
  const shown = renderUntrusted(text, { maxChars, mark: newId() });
  taint.mark(webToolTexts.taint, shown);
  return shown;
}
