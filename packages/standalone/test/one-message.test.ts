import { startHouse } from '@phonework/testkit/house';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';

test('a message from Feishu is answered by the model on the user’s machine', async () => {
  await using house = await startHouse();
  await house.start();
  house.model.enqueue('A generator is a function that yields.');
  house.feishu.say({ openId: 'ou_alice', text: 'what is a Python generator?' });
  await waitFor(() => house.textsTo('ou_alice').length > 0, { what: 'an answer' });
  expect(house.textsTo('ou_alice')).toEqual(['A generator is a function that yields.']);
});

test('"list the files here" runs a real ls on the machine', async () => {
  await using house = await startHouse();
  await house.start();
  house.model.enqueue(
    { toolCalls: [{ name: 'run_shell', arguments: { command: 'ls' } }] },
    { text: 'There is one file.' },
  );
  const { writeFileSync } = await import('node:fs');
  writeFileSync(`${house.workingDir}/hello-from-disk.txt`, 'hi');
  house.feishu.say({ openId: 'ou_alice', text: 'list the files here' });
  await waitFor(() => house.textsTo('ou_alice').length > 0, { what: 'an answer' });
  expect(house.textsTo('ou_alice')).toEqual(['There is one file.']);
  const told = house.model.requests.at(-1)?.body.messages.at(-1);
  expect(told?.role).toBe('tool');
  expect(told?.content).toContain('hello-from-disk.txt');
});

test('an event that Feishu delivers three times is answered once', async () => {
  await using house = await startHouse();
  await house.start();
  house.model.answerWith(() => 'once');
  const id = house.feishu.say({ openId: 'ou_alice', text: 'hello' });
  house.feishu.redeliver(id, 2);
  house.feishu.say({ openId: 'ou_alice', text: 'and another one' });
  await waitFor(() => house.textsTo('ou_alice').length >= 2, { what: 'two answers' });
  await waitFor(() => house.feishu.deliveries.every((delivery) => delivery.ackCode === 200), { what: 'all acks' });
  expect(house.model.requests).toHaveLength(2);
  expect(house.textsTo('ou_alice')).toEqual(['once', 'once']);
});

test('a reply call that fails after Feishu took it shows the answer once', async () => {
  await using house = await startHouse();
  await house.start();
  house.model.enqueue('only once');
  house.feishu.fail({ method: 'POST', path: /\/reply$/, effect: { kind: 'answer', status: 500, perform: true } });
  house.feishu.fail({ method: 'POST', path: /\/reply$/, effect: { kind: 'cut', perform: true } });
  house.feishu.say({ openId: 'ou_alice', text: 'hello' });
  await waitFor(() => house.feishu.calls.filter(({ path }) => path.endsWith('/reply')).length >= 3, {
    what: 'two more attempts',
  });
  await waitFor(async () => (await house.health())?.queue?.outbox === 0, { what: 'the outbox to be empty' });
  expect(house.textsTo('ou_alice')).toEqual(['only once']);
});

test('a stranger reads Not allowed with their own open_id, and no model is asked', async () => {
  await using house = await startHouse();
  await house.start();
  house.feishu.say({ openId: 'ou_mallory', text: 'rm -rf /' });
  const [text] = await waitFor(() => {
    const texts = house.textsTo('ou_mallory');
    return texts.length > 0 && texts;
  });
  expect(text).toContain('Not allowed');
  expect(text).toContain('ou_mallory');
  expect(house.model.requests).toEqual([]);
});

test('messages that come while a turn runs are answered after it, in order', async () => {
  await using house = await startHouse();
  await house.start();
  house.model.answerWith(({ body }) => ({ text: `re: ${body.messages.at(-1)?.content ?? ''}`, delayMs: 20 }));
  for (const text of ['one', 'two', 'three']) house.feishu.say({ openId: 'ou_alice', text });
  await waitFor(() => house.textsTo('ou_alice').length >= 3, { what: 'three answers' });
  expect(house.textsTo('ou_alice')).toEqual(['re: one', 're: two', 're: three']);
});
