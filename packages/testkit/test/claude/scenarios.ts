import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { MessagesReply } from '../../src/messages-api.ts';
import { waitFor } from '../../src/wait.ts';
import type { ClaudePipe } from './claude-pipe.ts';
import { isText } from './claude-pipe.ts';

/** Where a scenario is played: by the real program, whose model answers with what is scripted, or by the stand-in. */
export type Stage = {
  /** The model's next answers; for the stand-in the prompt says it all. */
  readonly script: (...replies: readonly MessagesReply[]) => void;
  readonly start: (args: readonly string[], environment?: Readonly<Record<string, string>>) => ClaudePipe;
  /** An id of a conversation, the same for all of the scenario. */
  readonly id: string;
  /** The folder in which it is played. */
  readonly cwd: string;
};

/** The same for both: what is said, answered and done, up to the ends of all processes. */
export const scenarios: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  'a turn of text': async ({ script, start, id }) => {
    script('Hello you out there', '- say Hello you out there');
    const claude = start(['--session-id', id]);
    await claude.control({ subtype: 'initialize' });
    await claude.turn('say Hello you out there');
    await claude.turn('what did I ask you before?');
    await quit(claude);
  },
  'a tool is allowed': async ({ script, start, id }) => {
    script(bash('touch a.txt && echo done'), 'It worked: done');
    const claude = start(['--session-id', id]);
    await claude.turn('ask bash touch a.txt && echo done', async () => claude.allow(await claude.nextAsk()));
    await quit(claude);
  },
  'a tool is denied': async ({ script, start, id }) => {
    script(bash('touch a.txt'), 'It failed: Not now');
    const claude = start(['--session-id', id]);
    await claude.turn('ask bash touch a.txt', async () => {
      claude.answer(await claude.nextAsk(), { behavior: 'deny', message: 'Not now' });
    });
    await quit(claude);
  },
  'a tool is denied, and the turn with it': async ({ script, start, id }) => {
    script(bash('touch a.txt'));
    const claude = start(['--session-id', id]);
    await claude.turn('ask bash touch a.txt', async () => {
      claude.answer(await claude.nextAsk(), { behavior: 'deny', message: 'Stop', interrupt: true });
    });
    await quit(claude);
  },
  'a tool fails': async ({ script, start, id }) => {
    const command = 'touch a.txt && echo out && echo err >&2 && false';
    script(bash(command), 'It failed: Exit code 1\nout\nerr');
    const claude = start(['--session-id', id]);
    await claude.turn(`ask bash ${command}`, async () => claude.allow(await claude.nextAsk()));
    await quit(claude);
  },
  'a rule for the session': async ({ script, start, id }) => {
    const claude = start(['--session-id', id]);
    script(bash('touch a.txt'), 'It worked: (Bash completed with no output)');
    await claude.turn('ask bash touch a.txt', async () => {
      const rules = [{ toolName: 'Bash', ruleContent: 'touch a.txt *' }];
      const update = { type: 'addRules', rules, behavior: 'allow', destination: 'session' };
      claude.answer(await claude.nextAsk(), { behavior: 'allow', updatedPermissions: [update] });
    });
    // The CLI names the reason of a rule's allowance beside its source; we look at what it leads to.
    script(bash('touch a.txt'), 'It worked: (Bash completed with no output)');
    await claude.turn('ask bash touch a.txt');
    await quit(claude);
  },
  'a file is written and edited': async ({ script, start, id, cwd }) => {
    const file = join(cwd, 'a.txt');
    const claude = start(['--session-id', id]);
    script(write(file, 'Hello you'), `It worked: File created successfully at: ${file} ${UNREAD}`);
    await claude.turn('write a.txt Hello you', async (from) => claude.allow(await claude.nextAsk(from)));
    script(edit(file, 'Hello', 'Bye'), `It worked: The file ${file} has been updated successfully. ${UNREAD}`);
    await claude.turn('edit a.txt Hello Bye', async (from) => claude.allow(await claude.nextAsk(from)));
    await quit(claude);
  },
  'files are written unasked': async ({ script, start, id, cwd }) => {
    const file = join(cwd, 'a.txt');
    const claude = start(['--session-id', id]);
    await claude.control({ subtype: 'set_permission_mode', mode: 'acceptEdits' });
    script(write(file, 'Hello'), `It worked: File created successfully at: ${file} ${UNREAD}`);
    await claude.turn('write a.txt Hello');
    await quit(claude);
  },
  questions: async ({ script, start, id }) => {
    script(
      { toolUses: [{ name: 'AskUserQuestion', input: { questions } }] },
      'It worked: Your questions have been answered: "Which colour?"="Red", "Which sizes?"="Small, Large". You can now continue with these answers in mind.',
    );
    const claude = start(['--session-id', id]);
    await claude.turn('question', async () => {
      claude.allow(await claude.nextAsk(), {
        answers: { 'Which colour?': 'Red', 'Which sizes?': 'Small, Large' },
      });
    });
    await quit(claude);
  },
  'a plan is approved': async ({ script, start, id }) => {
    script(
      { text: 'Here is my plan:\nDo it.', toolUses: [{ name: 'ExitPlanMode', input: {} }] },
      'It worked: User has approved exiting plan mode. You can now proceed.',
    );
    const claude = start(['--session-id', id, '--permission-mode', 'plan']);
    await claude.turn('plan Do it.', async () => claude.allow(await claude.nextAsk()));
    await quit(claude);
  },
  'a plan is sent back': async ({ script, start, id }) => {
    script(
      { text: 'Here is my plan:\nDo it.', toolUses: [{ name: 'ExitPlanMode', input: {} }] },
      'It failed: Test it too',
    );
    const claude = start(['--session-id', id]);
    await claude.control({ subtype: 'set_permission_mode', mode: 'plan' });
    await claude.turn('plan Do it.', async () => {
      claude.answer(await claude.nextAsk(), { behavior: 'deny', message: 'Test it too' });
    });
    await quit(claude);
  },
  'an interrupt while text streams': async ({ script, start, id }) => {
    script({ text: longText, delayMs: 50 });
    const claude = start(['--session-id', id]);
    await claude.turn('long 10000', async (from) => {
      await claude.next(isText, from);
      await claude.control({ subtype: 'interrupt' });
    });
    await quit(claude);
  },
  'an interrupt while a permission waits': async ({ script, start, id }) => {
    script(bash('touch a.txt'));
    const claude = start(['--session-id', id]);
    await claude.turn('ask bash touch a.txt', async () => {
      await claude.nextAsk();
      await claude.control({ subtype: 'interrupt' });
    });
    await claude.control({ subtype: 'interrupt' });
    await quit(claude);
  },
  'an interrupt while a tool runs': async ({ script, start, id, cwd }) => {
    const command = 'touch a.txt && tail -f a.txt';
    script(bash(command));
    const claude = start(['--session-id', id]);
    await claude.turn(`ask bash ${command}`, async () => {
      claude.allow(await claude.nextAsk());
      await waitFor(() => existsSync(join(cwd, 'a.txt')));
      await claude.control({ subtype: 'interrupt' });
    });
    await quit(claude);
  },
  'messages while a turn runs': async ({ script, start, id }) => {
    script({ text: longText.slice(0, 20 * 12), delayMs: 50 }, 'You said: B\nC');
    const claude = start(['--session-id', id]);
    await claude.turn('long 1000', async (from) => {
      await claude.next(isText, from);
      claude.say('B');
      claude.say('C');
    });
    await quit(claude);
  },
  'a message while a permission waits': async ({ script, start, id }) => {
    script(bash('touch a.txt'), 'It worked: (Bash completed with no output)');
    const claude = start(['--session-id', id]);
    await claude.turn('ask bash touch a.txt', async (from) => {
      const ask = await claude.nextAsk();
      claude.say('meanwhile');
      await claude.next(({ state }) => state === 'queued', claude.events.indexOf(ask) - from);
      claude.allow(ask);
    });
    await quit(claude);
  },
  '/clear': async ({ script, start, id }) => {
    script('Hello', 'Nothing.');
    const claude = start(['--session-id', id]);
    await claude.turn('say Hello');
    await claude.turn('/clear');
    await claude.turn('what did I ask you before?');
    await quit(claude);
  },
  '/compact': async ({ script, start, id }) => {
    script('Hello', '<summary>They greeted.</summary>');
    const claude = start(['--session-id', id]);
    await claude.turn('say Hello');
    await claude.turn('/compact');
    await quit(claude);
  },
  'control requests that are refused': async ({ start, id }) => {
    const claude = start(['--session-id', id]);
    await claude.control({ subtype: 'initialize' });
    await claude.control({ subtype: 'set_permission_mode', mode: 'nonsense' });
    await claude.control({ subtype: 'set_permission_mode', mode: 'bypassPermissions' });
    await claude.control({ subtype: 'set_model', model: 'opus' });
    await claude.control({ subtype: 'get_context_usage' });
    await claude.control({ subtype: 'nonsense' });
    await quit(claude);
  },
  'a conversation goes on in another process': async ({ script, start, id }) => {
    script('I will remember.', '- remember the milk');
    const first = start(['--session-id', id]);
    await first.turn('remember the milk');
    await quit(first);
    const second = start(['--resume', id]);
    await second.turn('what did I ask you before?');
    await quit(second);
    await start(['--session-id', id]).ended();
  },
  'a turn that SIGKILL has cut runs again': async ({ script, start, id }) => {
    script(bash('touch a.txt'));
    const first = start(['--session-id', id]);
    first.say('ask bash touch a.txt');
    await first.nextAsk();
    // The real program writes its rows late, and what it has not written it cannot run again.
    await delay(1000);
    first.kill('SIGKILL');
    await first.ended();
    script(bash('touch a.txt'), 'It worked: (Bash completed with no output)');
    const second = start(['--resume', id], { CLAUDE_CODE_RESUME_INTERRUPTED_TURN: '1' });
    second.allow(await second.nextAsk());
    await second.next(({ state }) => state === 'idle');
    await quit(second);
  },
  'a turn that SIGTERM has cut does not run again unasked': async ({ script, start, id }) => {
    script({ text: longText, delayMs: 50 });
    const first = start(['--session-id', id]);
    first.say('long 10000');
    await first.next(isText);
    await delay(1000);
    first.kill('SIGTERM');
    await first.ended();
    script('Hello');
    const second = start(['--resume', id]);
    await second.turn('say Hello');
    await quit(second);
  },
  'SIGINT gives a turn up': async ({ script, start, id }) => {
    script({ text: longText, delayMs: 50 });
    const first = start(['--session-id', id]);
    first.say('long 10000');
    await first.next(isText);
    first.kill('SIGINT');
    await first.ended();
    const second = start(['--resume', id], { CLAUDE_CODE_RESUME_INTERRUPTED_TURN: '1' });
    await second.control({ subtype: 'initialize' });
    await quit(second);
  },
  'the end of the input while a permission waits': async ({ script, start, id }) => {
    script(
      bash('touch a.txt'),
      'It failed: Tool permission request failed: AbortError: Tool permission stream closed before response received',
    );
    const claude = start(['--session-id', id]);
    claude.say('ask bash touch a.txt');
    await claude.nextAsk();
    await quit(claude);
  },
  'a bad line': async ({ start, id }) => {
    const claude = start(['--session-id', id]);
    await claude.control({ subtype: 'initialize' });
    claude.write('{"type":"user", nonsense');
    await claude.ended();
  },
  'a conversation that is not there': async ({ start, id }) => {
    await start(['--resume', id]).ended();
  },
  'a mode that is not there': async ({ start }) => {
    await start(['--permission-mode', 'nonsense']).ended();
  },
  'the service refuses the login': async ({ script, start, id }) => {
    script({ status: 401 }, { status: 401 });
    const claude = start(['--session-id', id]);
    await claude.turn('not logged in', async () => {
      await claude.next(({ subtype }) => subtype === 'api_retry');
      await claude.control({ subtype: 'interrupt' });
    });
    await quit(claude);
  },
  'nobody has logged in': async ({ start, id }) => {
    const claude = start(['--session-id', id], { ANTHROPIC_API_KEY: '' });
    await claude.turn('never logged in');
    await quit(claude);
  },
  'the service is overloaded, and recovers': async ({ script, start, id }) => {
    script({ status: 529 }, 'It is better now.');
    const claude = start(['--session-id', id]);
    await claude.turn('overloaded 1');
    await quit(claude);
  },
};

const UNREAD = '(file state is current in your context — no need to Read it back)';

const longText = Array.from({ length: 200 }, (_, index) => `word ${index + 1} `.padEnd(12)).join('');

const questions = [
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
];

function bash(command: string): MessagesReply {
  return { toolUses: [{ name: 'Bash', input: { command, description: 'Run a command' } }] };
}

function write(file: string, content: string): MessagesReply {
  return { toolUses: [{ name: 'Write', input: { file_path: file, content } }] };
}

function edit(file: string, before: string, after: string): MessagesReply {
  const input = { file_path: file, old_string: before, new_string: after };
  return { toolUses: [{ name: 'Edit', input }] };
}

async function quit(claude: ClaudePipe): Promise<void> {
  claude.endInput();
  await claude.ended();
}
