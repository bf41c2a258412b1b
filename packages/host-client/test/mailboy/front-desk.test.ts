import { setImmediate as nextTick } from 'node:timers/promises';
import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { sessionCommandTexts as commandTexts } from '../../src/commands/session-command-texts.ts';
import { interruptionTexts } from '../../src/mailboy/interruption-texts.ts';
import { texts } from '../../src/texts.ts';
import { echo, NodeDesk } from '../fakes/node-desk.ts';
import { NodeStore } from '../fakes/node-store.ts';

const stopping = commandTexts.stopping([commandTexts.message]).en;

function counts(disk: NodeStore): { readonly effects: unknown; readonly open: unknown } {
  const count = (from: string) => disk.store.prepare(`SELECT count(*) AS n FROM ${from}`).get()?.n;
  return { effects: count('effects'), open: count('inbox WHERE settled_at IS NULL') };
}

test('what /clear was said beside is answered, and not remembered', async () => {
  using disk = new NodeStore();
  const node = await NodeDesk.over(disk);
  await node.say('m1');
  const turn = await node.turn('m1');
  await node.say('m2', { text: '/clear' });
  turn.finish({ messages: [{ role: 'user', content: 'do m1' }] });
  expect(await node.answerTo('m1')).toBe('did m1');
  expect(node.conversations.load('alice')).toEqual([]);
  await node.say('m3');
  (await node.turn('m3')).finish({ messages: [{ role: 'user', content: 'do m3' }] });
  await node.answerTo('m3');
  expect(node.conversations.load('alice')).toEqual([[{ role: 'user', content: 'do m3' }]]);
});

describe('the order of turns', () => {
  test('a user has one turn at a time, in the order of the messages; users go side by side', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await node.say('a1');
    await node.say('a2');
    await node.say('b1', { userId: 'bob' });
    await node.say('a3');
    await node.turn('b1');
    expect(node.begun).toEqual(['a1', 'b1']);
    (await node.turn('a1')).finish();
    (await node.turn('a2')).finish();
    (await node.turn('a3')).finish();
    expect(await node.answerTo('a3')).toBe('did a3');
    expect(node.answers.map(({ id }) => id)).toEqual(['a1', 'a2', 'a3']);
    expect((await node.turn('b1')).isOpen).toBe(true);
  });

  test('messages that come in the same tick keep their order, and wait for each other', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await Promise.all(['m1', 'm2', 'm3'].map((id) => node.say(id)));
    (await node.turn('m1')).finish();
    (await node.turn('m2')).finish();
    expect(node.turns[1]?.isOpen).toBe(true);
    (await node.turn('m3')).finish();
    await node.answerTo('m3');
    expect(node.answers.map(({ id }) => id)).toEqual(['m1', 'm2', 'm3']);
  });

  test('no message is forgotten that arrives while the turn before it ends', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await node.say('m0');
    for (let count = 0; count < 120; count += 1) {
      const turn = await node.turn(`m${count}`);
      expect(node.inbox.next('alice')).toMatchObject({ id: `m${count}`, starts: 1 });
      const arrive = () => node.say(`m${count + 1}`);
      // Before the end, with it, some promises after it, and some ticks after it.
      const early = count % 8 === 0 ? arrive() : undefined;
      turn.finish();
      for (let hop = 0; hop < count % 8; hop += 1) await (count % 3 === 0 ? nextTick() : Promise.resolve());
      await (early ?? arrive());
    }
    (await node.turn('m120')).finish();
    await node.answerTo('m120');
    expect(node.answers.map(({ id }) => id)).toEqual(Array.from({ length: 121 }, (_, index) => `m${index}`));
    expect(counts(disk)).toEqual({ effects: 0, open: 0 });
  });

  test('a thousand messages of ten users are all answered once, in the order of each user', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    node.answerWith = async (turn) => {
      await nextTick();
      return await echo(turn);
    };
    const users = Array.from({ length: 10 }, (_, index) => `user${index}`);
    const ids = Array.from({ length: 100 }, (_, index) =>
      users.map((userId) => ({ userId, id: `${userId}-${index}` })),
    );
    await Promise.all(ids.flat().map(({ id, userId }) => node.say(id, { userId })));
    await waitFor(() => node.answers.length >= 1000, { timeoutMs: 15_000 });
    for (const userId of users) {
      const answered = node.answers.filter(({ id }) => id.startsWith(`${userId}-`)).map(({ id }) => id);
      expect(answered).toEqual(Array.from({ length: 100 }, (_, index) => `${userId}-${index}`));
    }
    expect(node.answers).toHaveLength(1000);
  });
});

describe('a message', () => {
  test('is on the disk before it is said to be stored', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await node.say('m1');
    using after = disk.afterCrash();
    const next = await NodeDesk.over(after);
    expect(next.inbox.next('alice')).toMatchObject({ id: 'm1', body: { text: 'do m1' } });
  });

  test('that can not be stored is refused, starts nothing, and may come again', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    disk.breakDisk();
    await expect(node.say('m1')).rejects.toThrow("can't be written");
    disk.mendDisk();
    await node.say('stop', { text: '/stop' });
    expect(await node.answerTo('stop')).toBe(commandTexts.nothingRuns.en);
    expect(node.begun).toEqual([]);
    await node.say('m1');
    (await node.turn('m1')).finish();
    expect(await node.answerTo('m1')).toBe('did m1');
  });

  test('whose commit is undone in the end has not begun either', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    const said = expect(node.say('m1')).rejects.toThrow("can't be written");
    await disk.loseNextCommit();
    await said;
    await node.say('stop', { text: '/stop' });
    expect(await node.answerTo('stop')).toBe(commandTexts.nothingRuns.en);
    await node.say('m1');
    (await node.turn('m1')).finish();
    expect(await node.answerTo('m1')).toBe('did m1');
  });

  test('that comes again while it waits, runs, or was answered is taken once and answered once', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await Promise.all([node.say('m1'), node.say('m1')]);
    await node.say('m2');
    await node.say('m2');
    await node.say('m1');
    (await node.turn('m1')).finish();
    (await node.turn('m2')).finish();
    await node.answerTo('m2');
    await Promise.all([node.say('m1'), node.say('m2')]);
    await node.say('m3');
    (await node.turn('m3')).finish();
    await node.answerTo('m3');
    expect(node.begun).toEqual(['m1', 'm2', 'm3']);
    expect(node.answers.map(({ id }) => id)).toEqual(['m1', 'm2', 'm3']);
  });

  test('is answered with everything that was said, and remembered with its answer', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await node.say('m1', { text: 'hello' });
    const turn = await node.turn('m1');
    expect(turn).toMatchObject({ id: 'm1', userId: 'alice', chatId: 'chat of alice', text: 'hello' });
    const messages = [
      { role: 'user', content: 'hello' },
      { role: 'assistant', content: 'hi' },
    ] as const;
    turn.finish({ reply: 'hi', error: 'but slow', messages });
    await node.answerTo('m1');
    expect(node.answers).toEqual([{ type: 'forward_response', id: 'm1', reply: 'hi', error: 'but slow' }]);
    expect(node.conversations.load('alice')).toEqual([messages]);
  });

  test('that always breaks the desk is set aside, and those behind it are answered', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    node.answerWith = (turn) => (turn.id === 'm1' ? Promise.reject(new Error('a bug')) : echo(turn));
    await node.say('m1');
    await node.say('m2');
    expect(await node.answerTo('m1')).toBe(interruptionTexts.crashed.en);
    expect(await node.answerTo('m2')).toBe('echo: do m2');
  });
});

describe('what is left to the commit that settles a message', () => {
  test('is done in it, and nothing is answered where somebody else does that', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    let open: unknown;
    node.answerWith = (turn) =>
      Promise.resolve({
        settle() {
          open = counts(disk).open;
          return turn.id === 'm1' ? undefined : { reply: 'settled' };
        },
      });
    await node.say('m1');
    await node.say('m2');
    expect(await node.answerTo('m2')).toBe('settled');
    expect(node.answers.map(({ id }) => id)).toEqual(['m2']);
    expect(open).toBe(0);
  });

  test('and fails is answered all the same, once, and holds up nothing', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    node.answerWith = (turn) =>
      turn.id === 'm1'
        ? Promise.resolve({
            settle() {
              throw new TypeError('x of undefined');
            },
          })
        : echo(turn);
    await node.say('m1');
    await node.say('m2');
    expect(await node.answerTo('m1')).toBe(texts.unexpected.en);
    expect(await node.answerTo('m2')).toBe('echo: do m2');
    expect(node.answers).toHaveLength(2);
  });
});

describe('/stop', () => {
  test('is answered at once beside the running turn, ends it, and lets the next one go on', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await node.say('m1');
    await node.say('m2');
    await node.say('other', { userId: 'bob' });
    await node.turn('m1');
    await node.say('stop', { text: '/stop' });
    expect(await node.answerTo('stop')).toBe(`${stopping}\n${commandTexts.waitingBehind(1).en}`);
    expect(await node.answerTo('m1')).toBe(texts.stopped.en);
    await node.turn('m2');
    expect(node.answers.map(({ id }) => id)).toEqual(['stop', 'm1']);
    expect((await node.turn('other')).isOpen).toBe(true);
  });

  test('that is delivered again stops nothing again', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await node.say('m1');
    await node.say('m2');
    await node.turn('m1');
    await node.say('stop', { text: '/stop' });
    const next = await node.turn('m2');
    await node.say('stop', { text: '/stop' });
    expect(next.isOpen).toBe(true);
    expect(node.answers.map(({ id }) => id)).toEqual(['stop', 'm1']);
  });

  test('counts only messages that wait', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await node.say('status', { text: '/status' });
    expect(await node.answerTo('status')).not.toMatch(/Running|Waiting/);
    await node.say('m1');
    await node.turn('m1');
    await node.say('status2', { text: '/status' });
    const status = await node.answerTo('status2');
    expect(status).toContain('\nRunning: one message, for 0s\n');
    expect(status).not.toContain('Waiting');
    await node.say('stop', { text: '/stop' });
    expect(await node.answerTo('stop')).toBe(stopping);
  });

  test('that comes in the same tick as the message stops it before it has begun', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await Promise.all([node.say('m1'), node.say('stop', { text: '/stop' }), node.say('m2')]);
    expect(await node.answerTo('stop')).toBe(stopping);
    expect(await node.answerTo('m1')).toBe(texts.stopped.en);
    (await node.turn('m2')).finish();
    expect(await node.answerTo('m2')).toBe('did m2');
    expect(node.begun).toEqual(['m2']);
  });

  test('ends nothing that comes after it, also where their commit has to be done once more', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await Promise.all([node.say('stop', { text: '/stop' }), node.say('m1'), disk.failOneWrite()]);
    expect(await node.answerTo('stop')).toBe(commandTexts.nothingRuns.en);
    (await node.turn('m1')).finish();
    expect(await node.answerTo('m1')).toBe('did m1');
  });

  test('ends what came before it, also where their commit has to be done once more', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await Promise.all([node.say('m1'), node.say('stop', { text: '/stop' }), disk.failOneWrite()]);
    expect(await node.answerTo('stop')).toBe(stopping);
    expect(await node.answerTo('m1')).toBe(texts.stopped.en);
    expect(node.begun).toEqual([]);
  });

  test('keeps a turn from beginning anything more, and leaves nothing in the journal', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await node.say('m1');
    const turn = await node.turn('m1');
    await turn.beforeEffect('rm one');
    await node.say('stop', { text: '/stop' });
    await expect(turn.beforeEffect('rm two')).rejects.toThrow();
    expect(await node.answerTo('m1')).toBe(texts.stopped.en);
    expect(counts(disk).effects).toBe(0);
  });

  test('that comes while an effect is being noted keeps it from beginning', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await node.say('m1');
    const turn = await node.turn('m1');
    const effect = expect(turn.beforeEffect('rm one')).rejects.toThrow();
    await node.say('stop', { text: '/stop' });
    await effect;
    expect(await node.answerTo('m1')).toBe(texts.stopped.en);
    expect(counts(disk).effects).toBe(0);
  });
});

describe('progress', () => {
  test('shows the newest state only, and nothing after the answer', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await node.say('m1');
    const turn = await node.turn('m1');
    for (let count = 1; count <= 50; count += 1) turn.onProgress(`${count} of 50`, 'run_shell');
    await waitFor(() => node.progress.length > 0);
    expect(node.progress).toEqual([{ id: 'm1', text: '50 of 50', step: 'run_shell' }]);
    turn.onProgress('almost');
    turn.finish();
    await node.answerTo('m1');
    turn.onProgress('late');
    const before = performance.now();
    await waitFor(() => performance.now() - before > 350);
    expect(node.progress).toHaveLength(1);
  });
});
