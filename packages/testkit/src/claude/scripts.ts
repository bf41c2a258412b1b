import { resolve } from 'node:path';
import { ApiFailure, rateLimited, retried } from './api-failures.ts';
import type { Json } from './json.ts';
import { bashUse, fileUse, harmlessUse, questionUse } from './tool-use.ts';
import type { ToolOutcome } from './tools.ts';
import type { Turn } from './turn.ts';

/** What the model does in a turn; `rest` is the prompt without the words that chose it. */
type Script = (turn: Turn, rest: string) => Promise<void>;

/** Runs the script that the first words of the prompt choose; none of them gets an answer that quotes the prompt. */
export async function runScript(turn: Turn): Promise<void> {
  const words = Object.keys(scripts).find((name) => turn.prompt === name || turn.prompt.startsWith(`${name} `));
  const script = words === undefined ? undefined : scripts[words];
  if (script === undefined) await turn.say(`You said: ${turn.prompt}`);
  else await script(turn, turn.prompt.slice((words?.length ?? 0) + 1));
}

const scripts: Readonly<Record<string, Script>> = {
  say: async (turn, rest) => await turn.say(rest),
  echo: async (turn) => await turn.say(turn.prompt),
  remember: async (turn) => await turn.say('I will remember.'),
  'what did I ask you before?': async (turn) => {
    const earlier = turn.parts.conversation.prompts.slice(0, -turn.messageIds.length);
    await turn.say(earlier.length === 0 ? 'Nothing.' : earlier.map((prompt) => `- ${prompt}`).join('\n'));
  },
  'ask bash': async (turn, rest) => await report(turn, await turn.use(bashUse(rest))),
  run: async (turn, rest) => await report(turn, await turn.use(harmlessUse(rest))),
  write: async (turn, rest) => {
    const [file, content] = splitOnce(rest);
    const input = { file_path: resolve(file), content };
    await report(turn, await turn.use(fileUse('Write', input, file)));
  },
  edit: async (turn, rest) => {
    const [file, change] = splitOnce(rest);
    const [before, after] = splitOnce(change);
    const input = { file_path: resolve(file), old_string: before, new_string: after, replace_all: false };
    await report(turn, await turn.use(fileUse('Edit', input, file)));
  },
  question: async (turn) => await report(turn, await turn.use(questionUse('AskUserQuestion', questions))),
  plan: async (turn, rest) => {
    const plan = `Here is my plan:\n${rest || '1. Do it.\n2. Test it.'}`;
    await report(turn, await turn.use(questionUse('ExitPlanMode', {}), plan));
  },
  long: async (turn, rest) => {
    const everyMs = 50;
    const words = Array.from({ length: Math.ceil(Number(rest) / everyMs) }, (_, index) =>
      `word ${index + 1} `.padEnd(12),
    );
    await turn.say(words.join(''), { everyMs });
  },
  silent: async (turn, rest) => {
    await turn.wait(Number(rest));
    await turn.say('I was silent.');
  },
  'tool-output': async (turn, rest) => {
    await turn.use(harmlessUse(`head -c ${Number(rest)} /dev/zero | tr '\\0' x`));
    await turn.say('That was much.');
  },
  flood: async (turn, rest) => await turn.say('x'.repeat(Number(rest)), { pieceSize: 1 }),
  'bad line': async (turn) => {
    turn.parts.output.raw('warning: this line is no JSON');
    await turn.say('There was a bad line.');
  },
  unsolicited: async (turn) => {
    turn.wantsAnother = true;
    await turn.say('I started something.');
  },
  crash: async () => {
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => undefined);
  },
  exit: async (turn, rest) => {
    turn.parts.tools.kill();
    process.exit(Number(rest));
  },
  'never logged in': async () => {
    throw new ApiFailure('Not logged in · Please run /login', { error: 'authentication_failed' });
  },
  'not logged in': async (turn) => await retried(turn, 401, MAX_RETRIES + 1),
  'over limit': async (turn) => rateLimited(turn),
  overloaded: async (turn, rest) => {
    await retried(turn, 529, Number(rest));
    await turn.say('It is better now.');
  },
};

const MAX_RETRIES = 10;

const questions: Json = {
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
    {
      question: 'Which sizes?',
      header: 'Sizes',
      options: [
        { label: 'Small', description: 'For a child' },
        { label: 'Medium', description: 'For most' },
        { label: 'Large', description: 'For a giant' },
      ],
      multiSelect: true,
    },
  ],
};

async function report(turn: Turn, { content, isError }: ToolOutcome): Promise<void> {
  await turn.say(`${isError ? 'It failed' : 'It worked'}: ${content}`);
}

/** The first word, and the rest as it is. */
function splitOnce(text: string): [string, string] {
  const end = text.indexOf(' ');
  return end === -1 ? [text, ''] : [text.slice(0, end), text.slice(end + 1)];
}
