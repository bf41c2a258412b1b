import type { ModelReply, ModelRequest } from '@phonework/testkit/model-server';
import { answersTo } from '../answers.ts';
import type { Fault } from '../fault.ts';
import type { Scene } from '../scene.ts';

/** What a model does to one message: to the request `attempt`, from 1, for it. Undefined: it answers rightly. */
type Misdeed = {
  readonly name: string;
  readonly reply: (attempt: number) => ModelReply | undefined;
  /** What the user has to be told; the right answer where it is left out. */
  readonly told?: RegExp;
};

const brokenArguments = { toolCalls: [{ name: 'run_shell', arguments: '{"command": "echo ' }] };

const quick: readonly Misdeed[] = [
  { name: '429', reply: () => ({ status: 429, headers: { 'retry-after': '1' } }), told: /too many requests/ },
  { name: '429 once', reply: (attempt) => (attempt === 1 ? { status: 429 } : undefined) },
  { name: '500', reply: () => ({ status: 500 }), told: /has a problem at the moment/ },
  { name: '500 twice', reply: (attempt) => (attempt <= 2 ? { status: 500, body: '<h1>Sorry</h1>' } : undefined) },
  { name: '401', reply: () => ({ status: 401 }), told: /OPENAI_API_KEY/ },
  { name: 'cut off', reply: () => ({ text: 'Well, let me', ending: 'cut' }), told: /broke off/ },
  {
    name: 'cut off once',
    reply: (attempt) => (attempt === 1 ? { text: 'Well, let me', ending: 'cut' } : undefined),
  },
  { name: 'no JSON', reply: () => ({ events: ['{"choices": [{'] }), told: /can't be read/ },
  { name: 'half a tool call', reply: (attempt) => (attempt === 1 ? brokenArguments : undefined) },
  { name: 'half a tool call each time', reply: () => brokenArguments, told: /nothing was run|kept calling|steps/ },
  {
    name: 'an invented tool',
    reply: (attempt) => (attempt === 1 ? { toolCalls: [{ name: 'launch_rocket', arguments: {} }] } : undefined),
  },
  {
    name: 'an invented tool each time',
    reply: () => ({ toolCalls: [{ name: 'launch_rocket', arguments: {} }] }),
    told: /nothing was run|kept calling|steps/,
  },
  {
    name: 'a megabyte of arguments',
    reply: (attempt) => {
      const toolCalls = [{ name: 'run_shell', arguments: { command: `echo ${'x'.repeat(1_000_000)}` } }];
      return attempt === 1 ? { toolCalls, chunkSize: 16_000 } : undefined;
    },
  },
  { name: 'nothing', reply: () => '', told: /empty answer/ },
];

const hanging: readonly Misdeed[] = [
  { name: 'silence once', reply: (attempt) => (attempt === 1 ? { silence: true } : undefined) },
  { name: 'silence', reply: () => ({ silence: true }), told: /took too long/ },
  {
    name: 'silence in the middle',
    reply: () => ({ text: 'Well, let me', ending: 'hang' }),
    told: /took too long/,
  },
];

/** The model in every bad way. */
export const modelFaults: readonly Fault[] = [
  {
    name: 'model-errors',
    title: 'model: errors, torn and unreadable answers, wrong tool calls, nothing',
    description:
      'The model fails in every way that ends at once: each message ends in one clear reply, and the next ones are answered.',
    messages: 420,
    shortMessages: 42,
    run: (scene) => misbehave(scene, quick),
  },
  {
    name: 'model-silence',
    title: 'model: silence',
    description:
      'The model says nothing, or nothing more: each message ends in one clear reply within five minutes, and the next ones are answered.',
    messages: 12,
    quietMs: 420_000,
    run: (scene) => misbehave(scene, hanging, 330_000),
  },
];

/** Every third message meets a misdeed; each ends as it has to. */
async function misbehave(scene: Scene, misdeeds: readonly Misdeed[], timeoutMs = 60_000): Promise<void> {
  const met = new Map<number, { readonly misdeed: Misdeed; attempts: number }>();
  scene.answerNumbered((request) => {
    const one = met.get(numberIn(request));
    if (one === undefined) return undefined;
    one.attempts += 1;
    return one.misdeed.reply(one.attempts);
  });
  await scene.start();
  for (let sent = 0; sent < scene.messages; sent += 3) {
    await scene.traffic(Math.min(2, scene.messages - sent - 1), { perSecond: 15 });
    // Each at least once.
    const misdeed = misdeeds[sent / 3] ?? scene.random.pick(misdeeds);
    met.set(scene.sentCount + 1, { misdeed, attempts: 0 });
    scene.say({ kind: 'plain' });
  }
  await scene.settled(scene.sentCount, timeoutMs);
  for (const [number, { misdeed }] of met) {
    const answers = answersTo(scene, number);
    const isAsItHasToBe =
      answers.length === 1 && (misdeed.told ?? new RegExp(`m${number} done`)).test(answers[0] ?? '');
    if (!isAsItHasToBe) throw new Error(`m${number} met "${misdeed.name}", and the user reads: ${answers.join(' | ')}`);
  }
}

/** Of the plain message that a request is about; 0 for any other. */
function numberIn({ body }: ModelRequest): number {
  const asked = body.messages.findLast(({ role, content }) => role === 'user' && /^plain m\d/.test(content ?? ''));
  const last = body.messages.findLast(
    ({ role, content }) => role === 'user' && !/note of the program/.test(content ?? ''),
  );
  return asked !== undefined && asked === last ? Number(/plain m(\d+)/.exec(asked.content ?? '')?.[1]) : 0;
}
