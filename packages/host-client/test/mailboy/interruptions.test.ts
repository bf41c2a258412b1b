import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { interruptionTexts as texts } from '../../src/mailboy/interruption-texts.ts';
import { isRetryId } from '../../src/retry-id.ts';
import type { OpenTurn } from '../fakes/node-desk.ts';
import { echo, NodeDesk } from '../fakes/node-desk.ts';
import { NodeStore } from '../fakes/node-store.ts';
import { labels } from '../fakes/session-node.ts';

/** A node whose process died in the middle of message m1, and was started again. */
class Crashed {
  readonly #disks: NodeStore[] = [];
  node: NodeDesk;

  /** `work` is what the turn did before. */
  static async during(work: (turn: OpenTurn, node: NodeDesk) => Promise<void>, text?: string): Promise<Crashed> {
    const disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    const crashed = new Crashed(disk, node);
    await node.say('m1', { ...(text !== undefined && { text }) });
    await work(await node.turn('m1'), node);
    await crashed.restart();
    return crashed;
  }

  private constructor(disk: NodeStore, node: NodeDesk) {
    this.#disks.push(disk);
    this.node = node;
  }

  /** The process dies, and another one starts. Where outputs lie stays the same. */
  async restart(): Promise<void> {
    const disk = this.node.sessions.disk.afterCrash();
    const outputs = join('data', 'last-outputs');
    const [from, to] = [this.node.sessions.disk.folder, disk.folder];
    if (existsSync(join(from, outputs))) cpSync(join(from, outputs), join(to, outputs), { recursive: true });
    this.#disks.push(disk);
    this.node = await NodeDesk.over(disk);
    this.node.desk.start();
  }

  get answer() {
    return this.node.sessions.answer('m1');
  }

  [Symbol.dispose](): void {
    for (const disk of this.#disks) disk[Symbol.dispose]();
  }
}

async function says(node: NodeDesk, turnId: string, text: string): Promise<void> {
  const output = node.lastOutputs.begin(turnId);
  output.write(Buffer.from(text));
  await output.end();
}

describe('a turn that broke off', () => {
  test('is told with what it did last, what that said, and what was done before', async () => {
    using crashed = await Crashed.during(async (turn, node) => {
      await turn.beforeEffect('run_shell: git add .');
      turn.afterEffects('exit code 0');
      await turn.beforeEffect('run_shell: make deploy');
      await says(node, 'm1', 'building\nuploading 40%\n');
    });
    const { reply } = await crashed.answer;
    expect(reply).toBe(
      [
        '⚠️ I was interrupted while doing this: `run_shell: make deploy`',
        'It may have finished or not; nothing was run again.',
        '',
        'Done before, the newest first:',
        '- `run_shell: git add .` → `exit code 0`',
        '',
        'Last output:',
        '```',
        'building',
        'uploading 40%',
        '```',
      ].join('\n'),
    );
  });

  test('is told to have finished what it did last, where that is known', async () => {
    using crashed = await Crashed.during(async (turn, node) => {
      await turn.beforeEffect('run_shell: make deploy');
      turn.afterEffects('exit code 2');
      await waitFor(() => node.sessions.disk.store.prepare('SELECT 1 FROM effects WHERE ended_at > 0').get());
    });
    expect((await crashed.answer).reply).toBe(
      `${texts.interrupted('`run_shell: make deploy`').en}\n${texts.ended('`exit code 2`').en}`,
    );
  });

  test('is told in a few lines, however much was done and said', async () => {
    using crashed = await Crashed.during(async (turn, node) => {
      for (let step = 1; step <= 13; step += 1) {
        await turn.beforeEffect(`step ${step}`);
        turn.afterEffects('ok');
      }
      await says(node, 'm1', `${'noise\n'.repeat(5000)}the end`);
    });
    const { reply } = await crashed.answer;
    expect(reply).toMatch(/doing this: `step 13`[\s\S]*`step 12`[\s\S]*`step 8`[\s\S]*\n- … and 7 more\n/);
    expect(reply).not.toContain('step 7');
    expect(reply).toMatch(/…[\s\S]*the end\n```$/);
    expect(reply.length).toBeLessThan(1300);
  });

  test('is told without the output of an earlier step', async () => {
    using crashed = await Crashed.during(async (turn, node) => {
      await turn.beforeEffect('run_shell: make');
      await says(node, 'm1', 'made');
      turn.afterEffects('exit code 0');
      await turn.beforeEffect('scheduler: remind');
    });
    expect((await crashed.answer).reply).not.toContain('made');
  });

  test('is told in the language of its user', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await node.say('m1');
    await (await node.turn('m1')).beforeEffect('make');
    using after = disk.afterCrash();
    const next = await NodeDesk.over(after);
    next.sessions.languages.set('alice', 'zh');
    next.desk.start();
    const answer = await next.sessions.answer('m1');
    expect(answer.reply).toContain('被中断：`make`');
    expect(labels(answer)).toEqual(['重试', '不用了']);
  });

  test('by a shutdown is told in the same way', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await node.say('m1');
    await (await node.turn('m1')).beforeEffect('make deploy');
    await says(node, 'm1', 'half of it');
    await node.desk.stop(0);
    const [answer] = node.answers;
    expect(answer?.reply).toMatch(/`make deploy`[\s\S]*half of it/);
    expect(labels({ id: 'm1', actions: answer?.actions })).toEqual(['Retry', 'Dismiss']);
    await waitFor(async () => (await node.lastOutputs.read('m1')) === '');
  });
});

describe('Retry', () => {
  test('runs the same message once more, and its answer comes as a message', async () => {
    using crashed = await Crashed.during((turn) => turn.beforeEffect('make deploy'), 'deploy it');
    const answer = await crashed.answer;
    expect(labels(answer)).toEqual(['Retry', 'Dismiss']);
    expect(crashed.node.begun).toEqual([]);
    crashed.node.answerWith = echo;
    await crashed.node.sessions.press(answer, 'Retry');
    await crashed.node.sessions.message('echo: deploy it');
    expect(crashed.node.notices).toEqual([texts.again('deploy it').en, 'echo: deploy it']);
    expect(crashed.node.answers).toHaveLength(1);
  });

  test('brings back what the message quoted, and its files', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    const attachments = [{ id: 'a1', kind: 'image', name: 'photo.png', size: 1 }];
    const message = { user_id: 'alice', chat_id: 'chat of alice', text: '', quoted: 'as I said', attachments };
    await node.desk.receive({ type: 'forward', id: 'm1', ...message });
    await (await node.turn('m1')).beforeEffect('make');
    using after = disk.afterCrash();
    const next = await NodeDesk.over(after);
    next.desk.start();
    await next.sessions.press(await next.sessions.answer('m1'), 'Retry');
    const again = await waitFor(() => next.turns[0]);
    expect(again).toMatchObject({ userId: 'alice', chatId: 'chat of alice', text: '', quoted: 'as I said' });
    expect(next.inbox.next('alice')?.body).toEqual({ type: 'forward', id: again.id, ...message });
    expect(next.notices).toEqual([texts.again('photo.png').en]);
  });

  test('pressed twice runs it once, and the second press is told so', async () => {
    using crashed = await Crashed.during((turn) => turn.beforeEffect('make deploy'));
    const answer = await crashed.answer;
    const { sessions } = crashed.node;
    await Promise.all([sessions.press(answer, 'Retry'), sessions.press(answer, 'Retry')]);
    await sessions.press(answer, 'Dismiss');
    (await waitFor(() => crashed.node.turns[0])).finish();
    await sessions.message('did retry:');
    expect(crashed.node.begun).toHaveLength(1);
    expect(crashed.node.notices.filter((text) => text.includes('Retry'))).toHaveLength(2);
  });

  test('waits behind what runs, and before what comes later', async () => {
    using crashed = await Crashed.during((turn) => turn.beforeEffect('make deploy'));
    const answer = await crashed.answer;
    const { node } = crashed;
    await node.say('m2');
    await node.sessions.press(answer, 'Retry');
    await node.say('m3');
    (await node.turn('m2')).finish();
    (await waitFor(() => node.turns[1])).finish();
    await node.turn('m3');
    expect(node.begun.map((id) => (isRetryId(id) ? 'm1 again' : id))).toEqual(['m2', 'm1 again', 'm3']);
  });

  test('survives a crash before it has begun, and one in the middle, as any message', async () => {
    using crashed = await Crashed.during((turn) => turn.beforeEffect('make deploy'), 'deploy it');
    await crashed.node.sessions.press(await crashed.answer, 'Retry');
    await crashed.restart();
    const again = await waitFor(() => crashed.node.turns[0]);
    expect(again.text).toBe('deploy it');
    await again.beforeEffect('make deploy, again');
    await crashed.restart();
    const told = await crashed.node.sessions.message('doing this: `make deploy, again`');
    expect(labels(told)).toEqual(['Retry', 'Dismiss']);
    expect(crashed.node.begun).toEqual([]);
    crashed.node.answerWith = echo;
    await crashed.node.sessions.press(told, 'Retry');
    await crashed.node.sessions.message('echo: deploy it');
    expect(crashed.node.answers).toHaveLength(1);
  });

  test('of a message that ended the process twice is possible too', async () => {
    using crashed = await Crashed.during(async () => {});
    await crashed.node.turn('m1');
    await crashed.restart();
    const answer = await crashed.answer;
    expect(answer.reply).toBe(texts.crashed.en);
    crashed.node.answerWith = echo;
    await crashed.node.sessions.press(answer, 'Retry');
    await crashed.node.sessions.message('echo: do m1');
  });

  test('tells what went wrong, and asks what the answer asks', async () => {
    using crashed = await Crashed.during((turn) => turn.beforeEffect('make deploy'));
    const { node } = crashed;
    await node.sessions.press(await crashed.answer, 'Retry');
    const turn = await waitFor(() => node.turns[0]);
    const options = [{ id: 'on', label: 'Go on', style: 'primary' }] as const;
    const question = { kind: 'interrupted-turn', subject: {}, title: 'On?', options };
    turn.finish({ reply: 'half of it', error: 'the model is away', question });
    const said = await node.sessions.message('half of it');
    expect(said).toMatchObject({ text: 'half of it\n\n⚠️ the model is away', actions: [{ label: 'Go on' }] });
    expect(node.sessions.asked()).toEqual(['On?']);
  });

  test('goes to the session that its user talks to by now, whose answer comes as a message', async () => {
    using crashed = await Crashed.during((turn) => turn.beforeEffect('make deploy'), 'deploy it');
    const { node } = crashed;
    const { sessions, answering } = node;
    await sessions.session('app');
    await sessions.disk.store.write(() => sessions.room.manager.setTalksTo('alice', 'session'));
    node.answerWith = (turn) => answering.answer(turn);
    await sessions.press(await crashed.answer, 'Retry');
    const agent = await sessions.runner.agent();
    expect((await agent.got()).text).toBe('deploy it');
    agent.finish('deployed');
    expect(isRetryId((await sessions.message('deployed')).id)).toBe(true);
    expect(node.answers).toHaveLength(1);
  });
});

describe('Dismiss', () => {
  test('leaves it as it is, and says so in a word', async () => {
    using crashed = await Crashed.during((turn) => turn.beforeEffect('make deploy'));
    const { node } = crashed;
    await node.sessions.press(await crashed.answer, 'Dismiss');
    await node.say('m2');
    await node.turn('m2');
    expect(node.begun).toEqual(['m2']);
    expect(node.notices).toEqual([texts.left.en]);
    expect(node.sessions.asked()).toEqual([]);
  });

  test.each([
    ['n', texts.left.en],
    ['2', texts.left.en],
    ['Dismiss', texts.left.en],
    ['y', texts.again('do m1').en],
    ['retry', texts.again('do m1').en],
  ])('and Retry can be typed: %s', async (words, said) => {
    using crashed = await Crashed.during((turn) => turn.beforeEffect('make deploy'));
    await crashed.answer;
    const { sessions } = crashed.node;
    const { store } = sessions.disk;
    const chatId = 'chat of alice';
    const text = await store.write(() => sessions.questions.answerInWords('alice', chatId, words));
    expect(typeof text === 'string' ? text : text.en).toBe(said);
  });

  test('and Retry stay open for words that are neither', async () => {
    using crashed = await Crashed.during((turn) => turn.beforeEffect('make deploy'));
    await crashed.answer;
    const { sessions } = crashed.node;
    const { store } = sessions.disk;
    const text = await store.write(() => sessions.questions.answerInWords('alice', 'chat of alice', 'maybe'));
    expect(text).toBe(texts.notAnAnswer);
    expect(sessions.asked()).toEqual([texts.title('do m1').en]);
    expect(labels(await sessions.message('do m1'))).toEqual(['Retry', 'Dismiss']);
  });
});
