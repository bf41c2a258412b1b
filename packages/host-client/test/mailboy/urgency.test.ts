import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { sessionCommandTexts as commandTexts } from '../../src/commands/session-command-texts.ts';
import { interruptionTexts } from '../../src/mailboy/interruption-texts.ts';
import { readUrgency } from '../../src/mailboy/urgency.ts';
import { texts } from '../../src/texts.ts';
import { NodeDesk } from '../fakes/node-desk.ts';
import { NodeStore } from '../fakes/node-store.ts';

test.each([
  ['! stop that', 'stop that'],
  ['!stop that', 'stop that'],
  ['  ！先做这个', '先做这个'],
  ['!/shell ls', '/shell ls'],
  ['!!x', '!x'],
])('%j is urgent', (text, rest) => {
  expect(readUrgency(text)).toEqual({ isUrgent: true, text: rest });
});

test.each(['stop that!', '!', ' ! ', '', 'a ! b', '/!'])('%j is not', (text) => {
  expect(readUrgency(text)).toEqual({ isUrgent: false, text });
});

describe('a message with ! in front', () => {
  test('ends the turn that runs, goes before what waits, and is read without its !', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await node.say('m1');
    await node.say('m2');
    await node.turn('m1');
    await node.say('urgent', { text: '! first this' });
    expect(await node.answerTo('m1')).toBe(texts.stopped.en);
    const turn = await node.turn('urgent');
    expect(turn.text).toBe('first this');
    turn.finish();
    (await node.turn('m2')).finish();
    await node.answerTo('m2');
    expect(node.begun).toEqual(['m1', 'urgent', 'm2']);
  });

  test('just begins when nothing runs', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await node.say('urgent', { text: '! first this' });
    (await node.turn('urgent')).finish();
    expect(await node.answerTo('urgent')).toBe('did urgent');
  });

  test("ends no other user's turn", async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await node.say('b1', { userId: 'bob' });
    await node.say('m1');
    await node.turn('m1');
    await node.say('urgent', { text: '!now' });
    await node.turn('urgent');
    expect((await node.turn('b1')).isOpen).toBe(true);
  });

  test('that comes again ends nothing again', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await node.say('m1');
    await node.turn('m1');
    await node.say('urgent', { text: '!now' });
    const turn = await node.turn('urgent');
    await node.say('urgent', { text: '!now' });
    expect(turn.isOpen).toBe(true);
    turn.finish();
    expect(await node.answerTo('urgent')).toBe('did urgent');
    expect(node.begun).toEqual(['m1', 'urgent']);
  });

  test('keeps its place over a restart', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await node.say('m1');
    await (await node.turn('m1')).beforeEffect('make');
    await node.say('m2');
    void node.desk.stop(60_000);
    await node.say('urgent', { text: '!now' });
    using after = disk.afterCrash();
    const next = await NodeDesk.over(after);
    next.desk.start();
    (await next.turn('urgent')).finish();
    (await next.turn('m2')).finish();
    await next.answerTo('m2');
    expect(next.begun).toEqual(['urgent', 'm2']);
    expect(await next.answerTo('m1')).toContain(interruptionTexts.interrupted('`make`').en);
  });

  test('may be a command', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    await node.say('m1');
    await node.turn('m1');
    await node.say('stop', { text: '!/stop' });
    expect(await node.answerTo('stop')).toBe(commandTexts.stopping([commandTexts.message]).en);
  });
});

describe('a message that has to wait', () => {
  test('long is told its place, once; one that was answered meanwhile is not', async () => {
    using disk = new NodeStore();
    const node = await NodeDesk.over(disk);
    for (const id of ['m1', 'm2', 'm3', 'm4']) await node.say(id);
    await node.say('b1', { userId: 'bob' });
    expect(node.notices).toEqual([]);
    (await node.turn('m1')).finish();
    await node.turn('m2');
    node.sessions.waitPatiently();
    await waitFor(() => node.notices.length === 2);
    expect(node.notices).toEqual([texts.waiting(1).en, texts.waiting(2).en]);
    node.sessions.waitPatiently();
    (await node.turn('m2')).finish();
    await node.turn('m3');
    expect(node.notices).toHaveLength(2);
    expect(node.sessions.messages.map(({ chat_id }) => chat_id)).toEqual(['chat of alice', 'chat of alice']);
  });
});
