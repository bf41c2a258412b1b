import * as z from 'zod';
import { FileError } from '../files/file-error.ts';
import type { FileRoots } from '../files/file-roots.ts';
import { listTree } from '../files/list-tree.ts';
import type { OpenedFile, OpenedFolder } from '../files/opened-file.ts';
import type { Lines } from '../files/read-excerpt.ts';
import { readExcerpt } from '../files/read-excerpt.ts';
import { search } from '../files/search.ts';
import type { TurnContext } from '../turn-context.ts';
import { fileOpsTexts, renderExcerpt, renderMatches, renderTree } from './file-ops-texts.ts';
import type { Tool } from './tool.ts';
import { defineTool, ToolError } from './tool.ts';

export type FileOpsOptions = {
  readonly roots: FileRoots;
  /** What ripgrep gets: see childEnvironment. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Sends a file, or a folder as an archive, into the chat of the turn: its bytes come from what was judged, and never by
   * a name again. Resolves to a sentence for the model; rejects with ToolError or FileError. It is closed once it settles. Absent where
   * nothing can be sent.
   */
  readonly sendFile?: (opened: OpenedFile | OpenedFolder, context: TurnContext) => Promise<string>;
};

const defaultMaxBytes = 8_000;
/** The model gets to see 12,000 characters of a tool's output; more would lose its middle. */
const maxMaxBytes = 11_000;

const parameters = z.object({
  action: z.enum(['read', 'list', 'search', 'send']),
  path: z.string().default('.').describe(fileOpsTexts.path),
  lines: z
    .string()
    .regex(/^\s*(\d{1,9}(\s*-\s*(\d{1,9})?)?|-\s*\d{1,9})?\s*$/, 'use "1-80", "200-", "7", or "-50" for the last 50')
    .optional()
    .describe(fileOpsTexts.lines),
  query: z.string().optional().describe(fileOpsTexts.query),
  max_bytes: z.int().positive().optional().describe(fileOpsTexts.maxBytes(defaultMaxBytes, maxMaxBytes)),
});

type Call = { readonly path: string; readonly maxBytes: number; readonly lines: string; readonly query: string };

/** The `file_ops` tool: reads, lists, searches and sends what is in reach of a chat. It changes nothing. */
export function fileOpsTool(options: FileOpsOptions): Tool {
  return defineTool({
    name: 'file_ops',
    description: fileOpsTexts.description,
    parameters,
    async run({ action, path, lines = '', query = '', max_bytes = defaultMaxBytes }, context) {
      const call = { path, lines, query, maxBytes: Math.min(max_bytes, maxMaxBytes) };
      try {
        return await actions[action](options, call, context);
      } catch (error) {
        if (error instanceof FileError) throw new ToolError(error.said, { cause: error });
        throw error;
      }
    },
  });
}

type Action = (options: FileOpsOptions, call: Call, context: TurnContext) => Promise<string>;

const actions: Readonly<Record<'read' | 'list' | 'search' | 'send', Action>> = {
  async read({ roots }, { path, lines, maxBytes }, { signal }) {
    const wanted = toLines(lines);
    await using file = await roots.openFile(path);
    return renderExcerpt(file, await readExcerpt(file, wanted, { maxBytes, signal }), maxBytes);
  },

  async list({ roots }, { path, maxBytes }, { signal }) {
    await using folder = await roots.openFolder(path);
    return renderTree(folder.shownPath, await listTree(folder, { roots, signal }), maxBytes);
  },

  async search({ roots, environment }, { path, query, maxBytes }, { signal }) {
    if (query === '') throw new ToolError(fileOpsTexts.noQuery);
    await using target = await roots.open(path);
    const result = await search(target, query, { roots, environment, signal, limits: { chars: maxBytes } });
    return renderMatches(target, query, result);
  },

  async send({ roots, sendFile }, { path }, context) {
    if (sendFile === undefined) throw new ToolError(fileOpsTexts.noSending);
    await using opened = await roots.open(path);
    return await sendFile(opened, context);
  },
};

/** `1-80`, `200-`, `7`, or `-50` for the last 50; nothing means from the beginning. */
function toLines(lines: string): Lines {
  const text = lines.replaceAll(/\s/g, '');
  // Models fill in arguments that they do not need with nothing.
  if (text === '') return { kind: 'range', from: 1 };
  const [, first = '', dash, last = ''] = /^(\d*)(-?)(\d*)$/.exec(text) ?? [];
  if (first === '') return { kind: 'last', count: atLeastOne(last) };
  const from = atLeastOne(first);
  if (dash !== '' && last === '') return { kind: 'range', from };
  const to = dash === '' ? from : atLeastOne(last);
  if (to < from) throw new ToolError(fileOpsTexts.backwards(lines));
  return { kind: 'range', from, to };
}

/** Lines count from 1, and models start at 0 now and then. */
function atLeastOne(number: string): number {
  return Math.max(1, Number(number));
}
