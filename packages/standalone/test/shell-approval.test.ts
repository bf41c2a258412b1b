import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { House } from '@phonework/testkit/house';
import { startHouse } from '@phonework/testkit/house';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { Phone } from './claude/phone.ts';

/** The model runs what it is told to, and says in its answer what came of it. */
function obey(house: House): void {
  house.model.answerWith(({ body }) => {
    const last = body.messages.at(-1);
    const [, command] = /^run (.+)$/.exec(last?.role === 'user' ? (last.content ?? '') : '') ?? [];
    return command === undefined
      ? `told: ${last?.content ?? ''}`
      : { toolCalls: [{ name: 'run_shell', arguments: { command } }] };
  });
}

test('a command with effects asks on the phone, others go on meanwhile, and Always allow is listed and taken back', async () => {
  await using house = await startHouse({ users: ['ou_alice', 'ou_bob'] });
  await house.start();
  obey(house);
  const [alice, bob] = [new Phone(house.feishu, 'ou_alice'), new Phone(house.feishu, 'ou_bob')];
  const question = await alice.asks('run touch one', 'asks to run a command');
  expect(question.text).toContain('touch one');
  await bob.asks('run ls', 'told: {"stdout":""');
  await alice.asks('/status', 'May it run: touch one');
  expect(readdirSync(house.workingDir)).toEqual([]);
  await alice.press(question, 'always');
  await alice.hears('"exit_code":0');
  await alice.asks('run touch two', '"exit_code":0');
  expect(readdirSync(house.workingDir).sort()).toEqual(['one', 'two']);

  const { text } = await alice.asks('/rules', 'Always allowed');
  const [, id = ''] = /([0-9a-z]{6}) · `?touch/.exec(text) ?? [];
  await alice.asks(`/rules remove ${id}`, 'Not always allowed any more');
  await alice.pressesAfter('run touch three', 'asks to run a command', 'deny');
  await alice.hears('said no');
  await bob.pressesAfter('run touch three', 'asks to run a command', 'deny');
  expect(existsSync(join(house.workingDir, 'three'))).toBe(false);
});

test('a node that is killed while it asks runs nothing for a press on the old question, and asks again', async () => {
  await using house = await startHouse({ keyring: { NODE_OFFLINE_GRACE_S: 60 } });
  await house.startRouter();
  const node = await house.startNode();
  await house.connected();
  obey(house);
  const alice = new Phone(house.feishu, 'ou_alice');
  // As an old screen still shows it.
  const old = { ...(await alice.asks('run touch made', 'asks to run a command')) };
  await node.kill();
  await house.startNode();
  const fresh = await alice.hears('asks to run a command');
  await alice.press(old, 'allow_once');
  expect(readdirSync(house.workingDir)).toEqual([]);
  await alice.press(fresh, 'allow_once');
  await alice.hears('"exit_code":0');
  expect(readdirSync(house.workingDir)).toEqual(['made']);
});

test('/stop ends the waiting, and a press afterwards runs nothing', async () => {
  await using house = await startHouse();
  await house.start();
  obey(house);
  const alice = new Phone(house.feishu, 'ou_alice');
  // As an old screen still shows it.
  const question = { ...(await alice.asks('run touch made', 'asks to run a command')) };
  await alice.asks('/stop', 'Stopping your message');
  await waitFor(() => alice.texts.some((text) => text.includes('Taken back')), {
    what: 'the question to be taken back',
  });
  await alice.press(question, 'allow_once');
  await alice.asks('run ls', 'told: {"stdout":""');
  expect(readdirSync(house.workingDir)).toEqual([]);
});
