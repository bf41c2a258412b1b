import { join } from 'node:path';
import type { MessagesReply, MessagesRequest, MessagesRequestBody } from '@phonework/testkit/messages-api';

type Block = { readonly type: string; readonly text?: string; readonly content?: unknown; readonly is_error?: boolean };

/**
 * What the model behind the real Claude Code answers. As with the stand-in, the first words of the prompt say what it
 * does: `create FILE with TEXT`, `ask bash COMMAND`, `question`, `plan`, `long MS`, `slowly TEXT`, `what did I ask you before?`.
 * Anything else is quoted, and after a tool its result is.
 */
export function scriptedClaude(request: MessagesRequest): MessagesReply {
  const { body } = request;
  const outcome = lastBlocks(body).findLast(({ type }) => type === 'tool_result');
  if (outcome !== undefined)
    return `${outcome.is_error === true ? 'It failed' : 'It worked'}: ${textOf(outcome.content)}`;
  const prompt = promptsIn(body).at(-1) ?? '';
  if (isSummaryRequest(prompt)) return '<summary>They talked about files.</summary>';
  for (const [words, reply] of Object.entries(replies)) {
    if (prompt === words || prompt.startsWith(`${words} `)) return reply(prompt.slice(words.length + 1), body);
  }
  return `You said: ${prompt}`;
}

/** What the user wrote in the conversation, without what Claude Code added to it. */
export function promptsIn({ messages }: MessagesRequestBody): readonly string[] {
  return messages
    .filter(({ role }) => role === 'user')
    .flatMap(({ content }) => blocksOf(content))
    .flatMap(({ type, text }) => (type === 'text' && text !== undefined && !text.startsWith('<') ? [text] : []));
}

const replies: Readonly<Record<string, (rest: string, body: MessagesRequestBody) => MessagesReply>> = {
  create: (rest, body) => {
    const [file = '', text = ''] = rest.split(' with ');
    return use('Write', { file_path: join(folderOf(body), file), content: text });
  },
  'ask bash': (command) => use('Bash', { command, description: 'What the user asked for' }),
  question: () =>
    use('AskUserQuestion', {
      questions: [
        {
          question: 'Which colour?',
          header: 'Colour',
          options: [
            { label: 'Red', description: 'Like a rose' },
            { label: 'Blue', description: 'Like the sky' },
          ],
          multiSelect: false,
        },
      ],
    }),
  plan: () => ({ text: 'Here is my plan: first this, then that.', ...use('ExitPlanMode', {}) }),
  long: (ms) => ({ text: 'word '.repeat(Math.ceil(Number(ms) / 50)), chunkSize: 5, delayMs: 50 }),
  slowly: (rest) => ({ text: `You said: slowly ${rest}`, delayMs: 10 }),
  'what did I ask you before?': (_, body) =>
    promptsIn(body)
      .slice(0, -1)
      .map((prompt) => `- ${prompt}`)
      .join('\n') || 'Nothing.',
};

function use(name: string, input: Readonly<Record<string, unknown>>) {
  return { toolUses: [{ name, input }] };
}

function isSummaryRequest(prompt: string): boolean {
  return prompt.includes('summary of the conversation');
}

/** Claude Code tells it to its model. */
function folderOf({ system, messages }: MessagesRequestBody): string {
  const told = JSON.stringify([system, messages]);
  const folder = /[Ww]orking directory: ([^\s"\\]+)/.exec(told)?.[1];
  if (folder === undefined) throw new Error('Claude Code does not tell its model where it works');
  return folder;
}

function lastBlocks({ messages }: MessagesRequestBody): readonly Block[] {
  const last = messages.findLast(({ role }) => role === 'user');
  return blocksOf(last?.content);
}

function blocksOf(content: unknown): readonly Block[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  // A list of blocks, where it is no text.
  return Array.isArray(content) ? (content as readonly Block[]) : [];
}

function textOf(content: unknown): string {
  return blocksOf(content)
    .map(({ text = '' }) => text)
    .join('');
}
