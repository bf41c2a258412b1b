import type { FaultEffect } from '@phonework/testkit/feishu-server';
import { expect, test } from 'vitest';
import type { OutgoingMessage } from '../../../src/bot/chat-channel.ts';
import { Setting } from './setting.ts';

const create = '/im/v1/messages';
const answer: OutgoingMessage = {
  id: 'answer-1',
  chatId: 'oc_team',
  text: '**All** of `a < b` is done.',
  language: 'en',
};
const refusal = (code: number): FaultEffect => ({ kind: 'answer', status: 400, code });
const sends = (setting: Setting) => setting.feishu.calls.filter((call) => call.route === create);
const types = (setting: Setting) => setting.feishu.sent.map(({ messageType }) => messageType);

test.each([230099, 11310, 200861, 230025, 300305, 230001, 239999])(
  'an answer whose card Feishu refuses with %i arrives as a post',
  async (code) => {
    await using setting = await Setting.open();
    setting.feishu.fail({ path: create, effect: refusal(code) });
    const shown = await setting.channel.send(answer);
    expect(setting.feishu.sent).toMatchObject([{ id: shown[0], messageType: 'post' }]);
    expect(setting.feishu.sent[0]?.text).toMatch(/\*\*All\*\* of `a . b` is done/);
  },
);

test('an answer whose post is refused too arrives as text, and only when that is refused it is given up', async () => {
  await using setting = await Setting.open();
  setting.feishu.fail({ path: create, times: 2, effect: refusal(230099) });
  await setting.channel.send(answer);
  expect(setting.feishu.sent).toMatchObject([
    { messageType: 'text', text: expect.stringContaining('`a < b` is done.') },
  ]);
  setting.feishu.fail({ path: create, times: 3, effect: refusal(230099) });
  await expect(setting.channel.send({ ...answer, id: 'answer-2' })).rejects.toMatchObject({ code: 'refused' });
  expect(setting.feishu.sent.length).toBe(1);
});

const actions = [
  { id: 'yes', label: 'Yes', style: 'primary' },
  { id: 'no', label: 'No', style: 'danger' },
] as const;

test('buttons that no card can carry are answered by typing', async () => {
  await using setting = await Setting.open();
  setting.feishu.fail({ path: create, effect: refusal(230099) });
  await setting.channel.send({ ...answer, actions });
  expect(setting.feishu.sent[0]?.text).toMatch(/1\. Yes\s+2\. No/);
});

test('a part that had no buttons gets none in another form', async () => {
  await using setting = await Setting.open();
  setting.feishu.fail({ path: create, effect: refusal(230099) });
  await setting.channel.send({ ...answer, text: '- **item** of many\n'.repeat(2000), actions });
  expect(types(setting)).toEqual(['post', 'interactive']);
  expect(setting.feishu.sent.map(({ text }) => text.includes('Yes'))).toEqual([false, true]);
});

test('a form that was refused is not tried again when the send is repeated, and nothing is there twice', async () => {
  await using setting = await Setting.open();
  setting.feishu.fail({ path: create, effect: refusal(230099) });
  setting.feishu.fail({ path: create, effect: { kind: 'cut', perform: true } });
  await expect(setting.channel.send(answer)).rejects.toMatchObject({ code: 'unavailable' });
  await setting.channel.send(answer);
  expect(types(setting)).toEqual(['post']);
  expect(sends(setting).length).toBe(3);
});

test('of a long answer only the part that was refused changes its form, and the order stays', async () => {
  await using setting = await Setting.open();
  const items = Array.from({ length: 1500 }, (_, index) => `- **item** ${index} of many, with some words about it`);
  const message = { ...answer, text: items.join('\n') };
  setting.feishu.fail({ path: create, effect: { kind: 'slow', ms: 1 } });
  setting.feishu.fail({ path: create, effect: refusal(230099) });
  const shown = await setting.channel.send(message);
  expect(types(setting).slice(0, 3)).toEqual(['interactive', 'post', 'interactive']);
  const { sent } = setting.feishu;
  expect(sent.map(({ id }) => id)).toEqual(shown);
  const numbers = sent
    .map(({ content }) => content)
    .join(' ')
    .matchAll(/item\*\* (\d+) of/g);
  // The first line of a card is in its summary too, without marks.
  expect([...numbers].map(([, number]) => Number(number))).toEqual(items.map((_, index) => index));
});

test.each([230022, 230028])('what Feishu takes for sensitive (%i) is said at once, in no other form', async (code) => {
  await using setting = await Setting.open();
  setting.feishu.fail({ path: create, effect: refusal(code) });
  const failure = setting.channel.send(answer);
  await expect(failure).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('sensitive') });
  expect(sends(setting).length).toBe(1);
});

test.each([99991672, 230002, 230013])('a refusal that no form would change (%i) is one attempt', async (code) => {
  await using setting = await Setting.open();
  setting.feishu.fail({ path: create, effect: refusal(code) });
  await expect(setting.channel.send(answer)).rejects.toMatchObject({ code: 'refused' });
  expect(sends(setting).length).toBe(1);
});

const veryLong = Array.from({ length: 20_000 }, (_, index) => `- item ${index} < ${index + 1}`).join('\n');

test('a very long answer is its beginning and a file with all of it, once each however often it is sent', async () => {
  await using setting = await Setting.open();
  const message = { ...answer, text: veryLong };
  setting.feishu.fail({ path: '/im/v1/files', effect: { kind: 'answer', status: 500 } });
  await expect(setting.channel.send(message)).rejects.toMatchObject({ code: 'unavailable' });
  const shown = await setting.channel.send(message);
  expect(types(setting)).toEqual(['interactive', 'interactive', 'file']);
  expect(shown.length).toBe(3);
  // The last is what carries buttons.
  expect(shown.at(-1)).toBe(setting.feishu.sent[1]?.id);
  const { uploads } = setting.feishu;
  expect(uploads.map(({ bytes }) => bytes.toString())).toEqual([veryLong]);
  expect(uploads[0]?.name).toMatch(/\.md$/);
});

test('a very long answer whose file the app may not send is in the chat as text', async () => {
  await using setting = await Setting.open();
  setting.feishu.fail({ path: '/im/v1/files', effect: refusal(99991672) });
  await setting.channel.send({ ...answer, text: veryLong });
  const texts = setting.feishu.sent.filter(({ messageType }) => messageType === 'text').map(({ text }) => text);
  expect(texts.join('\n')).toContain('- item 19999 < 20000');
  expect(texts.join('\n')).toContain('- item 0 < 1');
});

test('a message to a user, and one that answers no message, find their chat', async () => {
  await using setting = await Setting.open();
  await setting.channel.send({ ...answer, chatId: 'ou_alice' });
  await setting.channel.send({ ...answer, id: 'answer-2', replyTo: 'menu-event-1' });
  expect(setting.feishu.sent.map(({ chatId }) => chatId)).toEqual([setting.feishu.chatOf('ou_alice'), 'oc_team']);
  expect(setting.feishu.calls.filter(({ path }) => path.endsWith('/reply'))).toEqual([]);
});
