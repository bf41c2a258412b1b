import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { House, LogLine, Program } from '@phonework/testkit/house';
import { startHouse } from '@phonework/testkit/house';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';

test('a wrong ROUTER_SECRET is said once on both sides, and a right one connects without a restart of the router', async () => {
  await using house = await startHouse();
  const right = JSON.parse(readFileSync(join(house.folder, 'host_config.yaml'), 'utf8'));
  house.configure('host_config.yaml', { ...right, ROUTER_SECRET: 'another-secret-altogether' });
  const router = await house.startRouter();
  const stranger = await house.startNode();
  await stranger.waitFor('the refusal', ({ log }) => refusals(log).length > 0);
  await router.waitFor('the refusal', ({ log }) => refusals(log).length > 0);
  expect(refusals(stranger.log)).toHaveLength(1);
  expect(refusals(stranger.log)[0]).toContain('ROUTER_SECRET');
  expect(refusals(router.log)).toHaveLength(1);
  expect(refusals(router.log)[0]).toContain('ROUTER_SECRET');
  expect(await stranger.stop()).toBe(0);
  expect(`${router.stderr}${stranger.stderr}`).not.toContain('another-secret-altogether');

  house.configure('host_config.yaml', right);
  const node = await house.startNode();
  await node.waitFor('registered', ({ log }) => log.some(({ msg }) => msg === 'registered'));
});

test('a node that is killed and comes back within the grace causes no notice, and its message is answered', async () => {
  await using house = await startHouse();
  await house.startRouter();
  const node = await house.startNode();
  await house.connected();
  await node.kill();
  await waitFor(async () => (await house.health())?.nodes?.[0]?.status === 'offline', {
    what: 'the node to be offline',
  });
  house.model.enqueue('back again');
  house.feishu.say({ openId: 'ou_alice', text: 'are you there?' });
  await house.startNode();
  await waitFor(() => house.textsTo('ou_alice').length > 0);
  expect(house.textsTo('ou_alice')).toEqual(['back again']);
});

test('a message for a node that stays away is announced with its place, and answered when the node is back', async () => {
  await using house = await startHouse({ keyring: { NODE_OFFLINE_GRACE_S: 0.2 } });
  await house.startRouter();
  const node = await house.startNode();
  await house.connected();
  await node.kill();
  house.model.answerWith(() => 'done');
  house.feishu.say({ openId: 'ou_alice', text: 'one' });
  await waitFor(() => house.textsTo('ou_alice').some((text) => text.includes('Node "home-pc" is offline')));
  expect(house.textsTo('ou_alice').join()).toContain('#1 in its queue');
  await house.startNode();
  await waitFor(() => house.textsTo('ou_alice').includes('done'), { what: 'the answer' });
  expect(house.textsTo('ou_alice').filter((text) => text === 'done')).toHaveLength(1);
});

test('the dropped long connection comes back, and an event that met it is answered once', async () => {
  await using house = await startHouse({ feishu: { ackTimeoutMs: 500, redeliverAfterMs: [300, 300, 300] } });
  await house.start();
  house.model.answerWith(() => 'done');
  house.feishu.sockets.drop('terminate');
  house.feishu.say({ openId: 'ou_alice', text: 'hello' });
  await waitFor(() => house.textsTo('ou_alice').length > 0, { what: 'an answer', timeoutMs: 20_000 });
  expect(house.textsTo('ou_alice')).toEqual(['done']);
});

test('no secret of the house ever stands in a log', async () => {
  await using house = await startHouse();
  const [router, node] = await bothStarted(house);
  house.model.enqueue('hi');
  house.feishu.fail({ method: 'POST', path: /messages/, effect: { kind: 'answer', status: 500 } });
  house.feishu.say({ openId: 'ou_alice', text: 'hello' });
  await waitFor(() => house.textsTo('ou_alice').length > 0);
  house.feishu.invalidateTokens();
  house.model.enqueue({ status: 401 });
  house.feishu.say({ openId: 'ou_alice', text: 'again' });
  await waitFor(() => house.textsTo('ou_alice').length > 1);
  const printed = [router, node].map(({ stdout, stderr }) => stdout + stderr).join('');
  for (const secret of [house.feishu.appSecret, 'test-model-key', 'a-secret-of-the-test-house']) {
    expect(printed).not.toContain(secret);
  }
  expect(house.textsTo('ou_alice')[1]).toContain('OPENAI_API_KEY');
});

async function bothStarted(house: House): Promise<[Program, Program]> {
  const both = await Promise.all([house.startRouter(), house.startNode()]);
  await house.connected();
  return both;
}

function refusals(log: readonly LogLine[]): string[] {
  return log.map(({ msg }) => String(msg)).filter((message) => message.includes('401'));
}
