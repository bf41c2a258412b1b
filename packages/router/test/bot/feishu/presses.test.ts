import type { FeishuMessage } from '@phonework/testkit/feishu-server';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { FeishuRouter } from './feishu-router.ts';
import { answersTo, untilAnswered, WholeTurn } from './whole-turn.ts';

const group = { chatId: 'oc_team', chatType: 'group' } as const;
const actions = [
  { id: 'once', label: 'Allow once', style: 'primary' },
  { id: 'deny', label: 'Deny', style: 'danger' },
];
const users = ['ou_alice', 'ou_bob'];

/** Alice has talked to her machine in the group, which then asks her something there. */
async function asked(router: FeishuRouter, text = 'May I run make?'): Promise<FeishuMessage> {
  const { feishu, node } = router;
  feishu.say({ openId: 'ou_alice', ...group, text: 'build it', mentionsBot: true });
  const { id } = await node.next('forward');
  node.send({ type: 'forward_response', id, reply: text, actions });
  const question = await waitFor(() => router.shown('oc_team').find((message) => message.text.includes(text)));
  await router.untilQuiet();
  return question;
}

/** What the phone showed for a moment. */
async function toastOf(press: Promise<unknown>): Promise<string> {
  return JSON.stringify(((await press) as { readonly toast?: unknown }).toast);
}

test('a press is answered at once, reaches the machine once, and the card becomes the outcome', async () => {
  await using router = await FeishuRouter.start({ users });
  const question = await asked(router);
  const old = { ...question };
  const begun = performance.now();
  expect(await toastOf(router.feishu.press('ou_alice', question, 'once'))).toContain('✓ Allow once');
  expect(performance.now() - begun).toBeLessThan(1000);
  expect(question.text).toContain('✓ Allow once');
  expect(question.text).not.toContain('Deny');
  const second = await toastOf(router.feishu.press('ou_alice', old, 'deny'));
  expect(second).toContain('Already answered: Allow once');
  expect(question.text).toContain('✓ Allow once');
  await router.untilQuiet();
  expect(router.node.all('action').map(({ action_id }) => action_id)).toEqual(['once']);
});

test('two presses in the same moment are one answer', async () => {
  await using router = await FeishuRouter.start({ users });
  const question = await asked(router);
  const old = { ...question };
  const toasts = await Promise.all(
    ['once', 'deny', 'once'].map((button) => toastOf(router.feishu.press('ou_alice', old, button))),
  );
  expect(toasts.filter((toast) => toast.includes('Already answered'))).toHaveLength(2);
  await router.untilQuiet();
  expect(router.node.all('action')).toHaveLength(1);
});

test('a press by anybody else is refused, and changes nothing', async () => {
  await using router = await FeishuRouter.start({ users });
  const question = await asked(router);
  const shown = question.text;
  for (const stranger of ['ou_bob', 'ou_mallory']) {
    expect(await toastOf(router.feishu.press(stranger, question, 'once'))).toContain('"type":"error"');
  }
  expect(question.text).toBe(shown);
  await router.feishu.press('ou_alice', question, 'deny');
  await router.untilQuiet();
  expect(router.node.all('action').map(({ action_id }) => action_id)).toEqual(['deny']);
});

test('a press that comes too late says so', async () => {
  await using router = await FeishuRouter.start({ users });
  await asked(router);
  const address = { user_id: 'ou_alice', chat_id: 'oc_team' };
  router.node.send({ type: 'message', id: 'asks', ...address, text: 'May I push?', actions });
  const question = await waitFor(() => router.shown('oc_team').find(({ text }) => text.includes('May I push?')));
  await router.untilQuiet();
  const old = { ...question };
  router.node.send({ type: 'message', id: 'over', ...address, text: 'Nobody answered in time.', replaces: 'asks' });
  await waitFor(() => question.text.includes('No longer open'));
  await waitFor(() => router.said('oc_team').includes('Nobody answered in time.'));
  expect(question.text).not.toContain('Deny');
  expect(await toastOf(router.feishu.press('ou_alice', old, 'once'))).toContain('no longer open');
  await router.untilQuiet();
  expect(router.node.all('action')).toEqual([]);
});

test('after a restart of the router a press still counts, and counts once', async () => {
  await using router = await FeishuRouter.start({ users });
  const question = await asked(router);
  const old = { ...question };
  await router.stopProcess();
  await router.startProcess();
  expect(await toastOf(router.feishu.press('ou_alice', question, 'once'))).toContain('✓ Allow once');
  expect(question.text).not.toContain('Deny');
  expect(await router.node.next('action')).toMatchObject({ action_id: 'once', user_id: 'ou_alice' });
  await router.stopProcess();
  await router.startProcess();
  expect(await toastOf(router.feishu.press('ou_alice', old, 'deny'))).toContain('Already answered: Allow once');
  await router.untilQuiet();
  expect(router.node.all('action').filter(({ action_id }) => action_id === 'deny')).toEqual([]);
});

test('what is typed does what the button does', async () => {
  await using router = await FeishuRouter.start({ users });
  const question = await asked(router);
  const old = { ...question };
  router.feishu.say({ openId: 'ou_alice', ...group, text: '2', mentionsBot: true });
  expect(await router.node.next('action')).toMatchObject({ action_id: 'deny' });
  await waitFor(() => question.text.includes('✓ Deny'));
  expect(await toastOf(router.feishu.press('ou_alice', old, 'once'))).toContain('Already answered: Deny');
});

test('Stop under a turn ends it, for who asked alone, and says that it is over once it is', async () => {
  await using router = await FeishuRouter.start({ users });
  const turn = await WholeTurn.begin(router, 'think hard');
  const { card } = turn;
  if (card === undefined) throw new Error('the turn is not shown');
  const old = { ...card };
  expect(await toastOf(router.feishu.press('ou_bob', old, turn.id))).toContain('Only who asked for this can stop it.');
  expect(await toastOf(router.feishu.press('ou_alice', old, turn.id))).toContain('Stopping…');
  expect(await router.node.next('cancel')).toEqual({ type: 'cancel', id: turn.id });
  turn.answer('Stopped.');
  await untilAnswered(router, 1);
  expect(answersTo(router)).toEqual(['Stopped.']);
  expect(await toastOf(router.feishu.press('ou_alice', old, turn.id))).toContain('That is over already.');
  expect(router.node.all('cancel')).toHaveLength(1);
});
