import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { FeishuRouter } from './feishu-router.ts';

const chats = Array.from({ length: 100 }, (_, index) => `oc_${index}`);
const perChat = 10;

/** Feishu's own: one call to a chat, and to each kind of call, in a second. */
const rates = { perChat: 5, perKind: 50 };

test('1,000 questions at once are answered once each, in order, at the rates that Feishu takes', async () => {
  await using router = await FeishuRouter.start({ limits: true });
  const { feishu, node } = router;
  let answered = 0;
  node.socket.on('message', () => {
    const forwards = node.all('forward');
    for (; answered < forwards.length; answered += 1) {
      const { id, text } = forwards[answered] ?? {};
      node.send({ type: 'forward_response', id, reply: `answer to ${text}` });
    }
  });
  const group = { openId: 'ou_alice', chatType: 'group', mentionsBot: true } as const;
  for (let index = 0; index < perChat; index += 1) {
    for (const chatId of chats) feishu.say({ ...group, chatId, text: `question ${index}` });
  }
  await waitFor(() => feishu.sent.length >= chats.length * perChat, { timeoutMs: 100_000, what: '1,000 answers' });
  await router.untilQuiet({ timeoutMs: 20_000 });
  const answers = Array.from({ length: perChat }, (_, index) => `answer to question ${index}`);
  for (const chatId of chats) expect(router.said(chatId)).toEqual(answers);
  expect(feishu.calls.filter(({ status }) => status !== 200)).toEqual([]);
  expect(feishu.peakRate({ perMs: 1000 })).toBeLessThanOrEqual(rates.perKind);
  for (const chatId of chats) expect(feishu.peakRate({ perMs: 1000, chatId })).toBeLessThanOrEqual(rates.perChat);
}, 120_000);
