import { describe, expect, test } from 'vitest';
import { sessionCommandTexts as texts } from '../../src/commands/session-command-texts.ts';
import { turnTexts } from '../../src/sessions/turn-texts.ts';
import { texts as nodeTexts } from '../../src/texts.ts';
import { ChatNode } from '../fakes/chat-node.ts';
import { labels } from '../fakes/session-node.ts';

describe('/stop', () => {
  test("ends the turn of the user who says it, and no other's, without waiting for its turn", async () => {
    await using chat = await ChatNode.open();
    chat.desk.answerWith = undefined;
    const mine = await chat.send('think');
    const others = await chat.send('think', 'bob');
    await chat.desk.turn(mine);
    await chat.desk.turn(others);
    expect(await chat.read('/stop')).toBe(texts.stopping([texts.message]).en);
    expect(await chat.node.answerTo(mine)).toBe(nodeTexts.stopped.en);
    expect((await chat.desk.turn(others)).isOpen).toBe(true);
  });

  test('says what waits behind the turn, and that it goes on', async () => {
    await using chat = await ChatNode.open();
    chat.desk.answerWith = undefined;
    const [first, second] = [await chat.send('one'), await chat.send('two')];
    await chat.desk.turn(first);
    expect(await chat.read('/stop')).toMatch(/Stopping your message\.\nWaiting behind it: 1; these go on\.$/);
    expect((await chat.desk.turn(second)).isOpen).toBe(true);
  });

  test('says so when nothing runs', async () => {
    await using chat = await ChatNode.open();
    expect(await chat.read('/stop')).toBe(texts.nothingRuns.en);
    expect(await chat.read('/stop all')).toBe(texts.nothingRuns.en);
    expect(await chat.read('/stop app')).toBe(texts.noSuchWork('app').en);
  });

  test('interrupts what the active session does, which is answered with what it said, and goes on with the next', async () => {
    await using chat = await ChatNode.open();
    const session = await chat.direct();
    const { id, agent } = await chat.working(session, 'refactor it');
    agent.say('I began with the tests.');
    expect(await chat.read('/stop')).toBe(texts.stopping(['app']).en);
    expect(await chat.node.answerTo(id)).toBe(`I began with the tests.\n\n${turnTexts.stopped.en}`);
    expect(agent.interrupts).toBe(1);
    const next = await chat.working(session, 'now the docs');
    expect(next.agent).toBe(agent);
  });

  test('names what else is still running, and leaves it alone', async () => {
    await using chat = await ChatNode.open();
    const web = await chat.direct('web');
    const app = await chat.direct('app');
    await chat.working(app);
    await chat.say('/switch web');
    const other = await chat.working(web);
    await chat.say('/switch app');
    expect(await chat.read('/stop')).toBe([texts.stopping(['app']).en, texts.stillRunning(['web']).en].join('\n'));
    expect(other.agent.interrupts).toBe(0);
  });

  test('<name> ends what that session does, though another is active', async () => {
    await using chat = await ChatNode.open();
    const { agent } = await chat.working(await chat.direct('web'));
    await chat.direct('app');
    expect(await chat.read('/stop WEB')).toBe(texts.stopping(['web']).en);
    expect(agent.interrupts).toBe(1);
  });

  test('all ends what every session of the user does, and drops what waits for them', async () => {
    await using chat = await ChatNode.open();
    const web = await chat.working(await chat.direct('web'));
    const app = await chat.working(await chat.direct('app'));
    const waiting = await chat.send('and then this');
    const others = await chat.working(await chat.direct('app', 'bob'));
    expect(await chat.read('/stop all')).toMatch(/Stopping (app and web|web and app)\.$/);
    expect(await chat.node.answerTo(waiting)).toContain(turnTexts.notRun.en);
    expect(await chat.node.answerTo(web.id)).toContain(turnTexts.stopped.en);
    expect(await chat.node.answerTo(app.id)).toContain(turnTexts.stopped.en);
    expect([web.agent.interrupts, app.agent.interrupts, others.agent.interrupts]).toEqual([1, 1, 0]);
  });

  test('#<id> of a task ends the turn that it is', async () => {
    await using chat = await ChatNode.open({ limits: { backgroundAfterMs: 20 } });
    const { id, agent } = await chat.working(await chat.direct());
    const [, taskId = ''] = /#(\w{6})/.exec(await chat.node.answerTo(id)) ?? [];
    expect(await chat.read(`/stop #${taskId}`)).toBe(texts.stopping([`#${taskId}`]).en);
    expect((await chat.node.completion()).result).toContain(`🚫 Task #${taskId} cancelled`);
    expect(agent.interrupts).toBe(1);
  });
});

describe('/stop with messages waiting', () => {
  async function stopped(chat: ChatNode) {
    const session = await chat.direct();
    const { id, agent } = await chat.working(session, 'zero');
    const waiting = [await chat.send('one'), await chat.send('two'), await chat.send('three')];
    const asked = await chat.say('/stop');
    await chat.node.answer(id);
    return { session, agent, waiting, asked };
  }

  test('holds them, and asks what becomes of them', async () => {
    await using chat = await ChatNode.open();
    const { agent, asked } = await stopped(chat);
    expect(asked.reply).toBe([texts.stopping(['app']).en, texts.waitingAfterStop('app', 3).en].join('\n'));
    expect(labels(asked)).toEqual(['Run all 3', 'Run only the newest', 'Drop them']);
    expect(await chat.read('/status')).toContain('Messages that wait: 3\n1. one\n2. two\n3. three');
    expect(agent.sent.map(({ text }) => text)).toEqual(['zero']);
  });

  test('"Run all" goes on with them in their order', async () => {
    await using chat = await ChatNode.open();
    const { agent, asked, waiting } = await stopped(chat);
    await chat.node.press(asked, 'Run all 3');
    for (const nth of [2, 3, 4]) await agent.serve(`done ${nth}`, nth);
    for (const id of waiting) await chat.node.answer(id);
    expect(agent.sent.map(({ text }) => text)).toEqual(['zero', 'one', 'two', 'three']);
    expect(chat.node.messages.map(({ text }) => text)).toContain(turnTexts.queueDecided('app', 0).en);
  });

  test('"Run only the newest" drops the others, and each is told', async () => {
    await using chat = await ChatNode.open();
    const { agent, asked, waiting } = await stopped(chat);
    await chat.node.press(asked, 'Run only the newest');
    await agent.serve('done', 2);
    expect(await Promise.all(waiting.map((id) => chat.node.answerTo(id)))).toEqual([
      turnTexts.notRun.en,
      turnTexts.notRun.en,
      'done',
    ]);
    expect(agent.sent.map(({ text }) => text)).toEqual(['zero', 'three']);
  });

  test('"Drop them" leaves the session free for the next message', async () => {
    await using chat = await ChatNode.open();
    const { session, asked, waiting } = await stopped(chat);
    await chat.node.press(asked, 'Drop them');
    for (const id of waiting) expect(await chat.node.answerTo(id)).toBe(turnTexts.notRun.en);
    await chat.working(session, 'something else');
  });

  test('a message that comes before the answer waits too, and is asked about again', async () => {
    await using chat = await ChatNode.open();
    const { agent } = await stopped(chat);
    await chat.send('four');
    const asked = await chat.node.message(turnTexts.waitingHeld('app', 4).en);
    await chat.node.press(asked, 'Run only the newest');
    await agent.told('four');
    expect(agent.sent.map(({ text }) => text)).toEqual(['zero', 'four']);
  });

  test('an urgent message waits with them too, and they are counted right', async () => {
    await using chat = await ChatNode.open();
    const { agent } = await stopped(chat);
    await chat.send('! this first');
    const asked = await chat.node.message(turnTexts.waitingHeld('app', 4).en);
    await chat.node.press(asked, 'Run all 4');
    expect((await agent.got(2)).text).toBe('this first');
  });

  test('"Run only the newest" means what came last, also when that was urgent', async () => {
    await using chat = await ChatNode.open();
    const { agent } = await stopped(chat);
    await chat.send('! this first');
    await chat.node.press(await chat.node.message(turnTexts.waitingHeld('app', 4).en), 'Run only the newest');
    expect((await agent.got(2)).text).toBe('this first');
  });

  test('a second press finds it decided', async () => {
    await using chat = await ChatNode.open();
    const { asked } = await stopped(chat);
    await chat.node.press(asked, 'Drop them');
    await chat.node.press(asked, 'Run all 3');
    await chat.node.message('That question was already answered: Drop them.');
  });
});
