import * as z from 'zod';
import { firstLine } from '../../texts/cut.ts';

/** A row of a transcript, as far as it says who wrote what, and where. */
const Row = z.object({
  type: z.string(),
  cwd: z.string().optional(),
  isMeta: z.boolean().optional(),
  isSidechain: z.boolean().optional(),
  message: z
    .object({
      content: z.union([z.string(), z.array(z.object({ type: z.string(), text: z.string().optional() }))]),
    })
    .optional()
    .catch(undefined),
});
type Row = z.infer<typeof Row>;

export type TranscriptHead = { readonly cwd: string; readonly firstLine: string };

const maxLineLength = 200;

/**
 * Where a conversation was begun, and the first line that the user wrote. Undefined where nobody wrote anything, or
 * where it belongs to a subagent. `text` may end in the middle of a row.
 */
export function readHead({
  text,
  isWhole,
}: {
  readonly text: string;
  readonly isWhole: boolean;
}): TranscriptHead | undefined {
  let cwd: string | undefined;
  for (const line of text.split('\n')) {
    const row = parseRow(line);
    if (row?.isSidechain === true) return undefined;
    cwd ??= row?.cwd;
    if (row?.type !== 'user' || row.isMeta === true || cwd === undefined) continue;
    const firstLine = toFirstLine(row);
    if (firstLine !== undefined) return { cwd, firstLine };
  }
  // What was written first may stand further behind.
  return cwd === undefined || isWhole ? undefined : { cwd, firstLine: '' };
}

function parseRow(line: string): Row | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return Row.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** Undefined for what the program wrote in the user's name: commands, their output, notes, the results of tools. */
function toFirstLine({ message }: Row): string | undefined {
  if (message === undefined) return undefined;
  const { content } = message;
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  if (blocks.some(({ type }) => type === 'tool_result')) return undefined;
  const texts = blocks.flatMap(({ text }) => (text === undefined ? [] : [text.trim()]));
  const own = texts.find((text) => text !== '' && !/^(<[a-z-]+>|\[Request interrupted)/.test(text));
  // A picture without words is a message too.
  if (own === undefined) return texts.length === 0 && blocks.length > 0 ? '' : undefined;
  return firstLine(own, maxLineLength);
}
