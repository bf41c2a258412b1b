import type { FeishuMessage } from '@phonework/testkit/feishu-server';
import { expect, test } from 'vitest';
import type { MessageKind } from '../src/numbered-message.ts';
import { longLines } from '../src/numbered-message.ts';
import type { Offer, SentMessage } from '../src/verdict.ts';
import { judge } from '../src/verdict.ts';

test('a message whose answer names it and whose command ran once is answered, and nothing is wrong', () => {
  const verdict = judge({ sent: [sent(1, 'shell')], said: [reply(1, 'm1', { createdAt: 5_000 })], ledger: [1] });
  expect(verdict).toMatchObject({
    sent: 1,
    answered: 1,
    interrupted: 0,
    refused: 0,
    lost: 0,
    doubled: 0,
    outOfOrder: 0,
  });
  expect(verdict.worstAnswerMs).toBe(4_000);
  expect(verdict.complaints).toEqual([]);
});

test('a message without a word about it is lost', () => {
  const verdict = judge({ sent: [sent(1), sent(2)], said: [reply(2, 'm2 done')], ledger: [] });
  expect(verdict).toMatchObject({ answered: 1, lost: 1, complaints: ['m1 is lost'] });
});

test.each([
  '⏳ Queued (#1) behind what is running.',
  '⏪ I was away and found this in the chat.',
  'Node "home-pc" is offline. Your message waits (#3 in its queue) and runs when it is back.',
])('a word in between is no answer: %s', (text) => {
  expect(judge({ sent: [sent(1)], said: [reply(1, text)], ledger: [] })).toMatchObject({ answered: 0, lost: 1 });
});

test('the card of a turn that runs is no answer, and the card that became the answer is', () => {
  const running = { messageType: 'interactive', content: '{"behaviors":[{"value":{"t":"abc"}}]}' };
  const sentOne = [sent(1)];
  expect(judge({ sent: sentOne, said: [reply(1, 'm1 echo', running)], ledger: [] })).toMatchObject({ lost: 1 });
  const ended = { ...running, content: '{"body":"m1 done"}' };
  expect(judge({ sent: sentOne, said: [reply(1, 'm1 done', ended)], ledger: [] })).toMatchObject({
    answered: 1,
    lost: 0,
  });
});

test('an answer to a command that never ran is a loss', () => {
  expect(judge({ sent: [sent(1, 'tool')], said: [reply(1, 'm1 done')], ledger: [] })).toMatchObject({ lost: 1 });
});

test('a told interruption is an end of its own, whether its command ran or not', () => {
  const text = '⚠️ I was interrupted while doing this: echo m1 | tee -a /tmp/ledger';
  for (const ledger of [[], [1]]) {
    const verdict = judge({ sent: [sent(1, 'shell')], said: [reply(1, text)], ledger });
    expect(verdict).toMatchObject({ answered: 0, interrupted: 1, lost: 0, doubled: 0 });
  }
});

test('a failure with a reason and a refusal are ends too', () => {
  const said = [
    reply(1, '⚠️ The model did not answer in time.'),
    reply(2, 'Too many messages wait already.'),
    reply(9, '⏪ These came while I was away, and are too old to run:\n- 11-23 13:45 /shell echo m3'),
  ];
  const verdict = judge({ sent: [sent(1), sent(2), sent(3, 'shell')], said, ledger: [] });
  expect(verdict).toMatchObject({ refused: 3, lost: 0 });
});

test('two answers, or an answer and an interruption, are doubled', () => {
  const said = [reply(1, 'm1 done'), reply(1, 'm1 done'), reply(2, 'm2 done'), reply(2, '⚠️ I was interrupted: m2')];
  expect(judge({ sent: [sent(1), sent(2)], said, ledger: [] })).toMatchObject({ doubled: 2, lost: 0 });
});

test('an answer that names a message is its answer, whatever it replies to', () => {
  const said = [reply(1, 'm1 done'), reply(1, 'm2 done')];
  const verdict = judge({ sent: [sent(1), sent(2)], said, ledger: [] });
  expect(verdict.complaints[0]).toContain('m1 has 2 endings');
});

test('a command that ran twice is doubled, though it was answered once', () => {
  const verdict = judge({ sent: [sent(1, 'shell')], said: [reply(1, 'm1')], ledger: [1, 1] });
  expect(verdict.complaints).toEqual(['the command of m1 ran 2 times']);
});

test('a long answer in parts is one answer, is lost when a part is missing, and doubled when a part came twice', () => {
  const lines = longLines(1);
  const parts = [lines.slice(0, 60), lines.slice(60)].map((part) => reply(1, part.join('\n')));
  const [first, second] = parts;
  if (first === undefined || second === undefined) throw new Error('two parts');
  const verdictOf = (said: readonly FeishuMessage[]) => judge({ sent: [sent(1, 'long')], said, ledger: [] });
  expect(verdictOf(parts)).toMatchObject({ answered: 1, lost: 0, doubled: 0 });
  expect(verdictOf([first])).toMatchObject({ answered: 1, lost: 1, doubled: 0 });
  expect(verdictOf([first, second, second])).toMatchObject({ lost: 0, doubled: 1 });
});

test('an answer or a command before that of an earlier message of the chat is out of order', () => {
  const both = [sent(1, 'shell'), sent(2, 'shell')];
  const inOrder = [reply(1, 'm1'), reply(2, 'm2')];
  expect(judge({ sent: both, said: inOrder, ledger: [1, 2] })).toMatchObject({ outOfOrder: 0 });
  expect(judge({ sent: both, said: inOrder.toReversed(), ledger: [1, 2] })).toMatchObject({ outOfOrder: 1 });
  expect(judge({ sent: both, said: inOrder, ledger: [2, 1] })).toMatchObject({ outOfOrder: 1 });
});

test('chats do not wait for each other', () => {
  const both = [sent(1), { ...sent(2), chatId: 'oc_other' }];
  expect(judge({ sent: both, said: [reply(2, 'm2'), reply(1, 'm1')], ledger: [] })).toMatchObject({ outOfOrder: 0 });
});

test('an event that the platform had to bring again comes behind later ones without a fault of the house', () => {
  const repeated: Offer[] = [
    { socket: 1, offeredAt: 1_000 },
    { socket: 2, offeredAt: 3_000, acceptedAt: 3_010 },
  ];
  const both = [{ ...sent(1), offers: repeated }, sent(2)];
  expect(judge({ sent: both, said: [reply(2, 'm2'), reply(1, 'm1')], ledger: [] })).toMatchObject({ outOfOrder: 0 });
});

/** Handed over at second N, and accepted at once. */
function sent(number: number, kind: MessageKind = 'plain'): SentMessage {
  const sentAt = number * 1_000;
  const offers = [{ socket: 1, offeredAt: sentAt, acceptedAt: sentAt + 10 }];
  return { number, kind, id: `om_${number}`, chatId: 'oc_chat', sentAt, offers };
}

function reply(number: number, text: string, more: Partial<FeishuMessage> = {}): FeishuMessage {
  return {
    id: `om_answer_${number}`,
    chatId: 'oc_chat',
    sender: 'bot',
    messageType: 'post',
    content: '{}',
    text,
    replyTo: `om_${number}`,
    createdAt: number * 1_000 + 500,
    state: 'sent',
    updates: 0,
    reactions: new Map(),
    ...more,
  };
}
