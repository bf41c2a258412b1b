import type { House } from '@phonework/testkit/house';
import { startHouse } from '@phonework/testkit/house';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';

const user = { openId: 'ou_alice' };

/** Three machines of Alice, each a process; the router's model sends everything to `routeTo`, or fails. */
async function threeMachines(house: House, routeTo?: string) {
  house.model.answerWith(({ body }) => {
    const isRouting = body.tools?.some((tool) => tool.function.name === 'route_to') ?? false;
    if (!isRouting) return `done by ${machineIn(body.messages[0]?.content ?? '')}`;
    if (routeTo === undefined) return { status: 400 };
    return { toolCalls: [{ name: 'route_to', arguments: { node_id: routeTo } }] };
  });
  const router = await house.startRouter();
  const home = await house.startNode();
  await house.startAnotherNode('work-server');
  await house.startAnotherNode('lab-box');
  await house.connected();
  return { router, home };
}

/** The system prompt names the machine. */
function machineIn(prompt: string): string {
  return /machine "([^"]+)"/.exec(prompt)?.[1] ?? 'nobody';
}

async function ask(house: House, text: string): Promise<string> {
  const before = house.textsTo('ou_alice').length;
  house.feishu.say({ ...user, text });
  await waitFor(() => house.textsTo('ou_alice').length > before, { what: `an answer to ${text}` });
  return house.textsTo('ou_alice')[before] ?? '';
}

test('the routing model picks the machine, which becomes the active one and signs its answer', async () => {
  await using house = await startHouse({ routingModel: true });
  const { router } = await threeMachines(house, 'work-server');
  expect(await ask(house, 'are the tests green?')).toBe('done by work-server\n\n· work-server');
  expect(await ask(house, '/nodes')).toMatch(
    /^Connected Nodes:\n {2}home-pc sessions=0 online \d+s\n→ work-server \[ACTIVE\] sessions=0 online \d+s\n {2}lab-box sessions=0 online \d+s\nUse "\/node <name>" to switch active node\.$/,
  );
  expect(router.log.filter(({ msg }) => msg === 'node registered').map(({ node }) => node)).toEqual([
    'home-pc',
    'work-server',
    'lab-box',
  ]);
});

test('without a model the active machine gets the message, a named one gets its own, and @all every one', async () => {
  await using house = await startHouse();
  await threeMachines(house);
  expect(await ask(house, '/node work')).toBe('Active node: work-server');
  expect(await ask(house, 'hello')).toBe('done by work-server\n\n· work-server');
  expect(await ask(house, '@lab-box hello')).toBe('done by lab-box\n\n· lab-box');
  expect(await ask(house, 'hello again')).toBe('done by work-server\n\n· work-server');
  expect(await ask(house, '/node cellar')).toContain('home-pc, work-server, lab-box');
  expect(await ask(house, '@all who are you?')).toBe(
    '**home-pc**\ndone by home-pc\n\n**work-server**\ndone by work-server\n\n**lab-box**\ndone by lab-box',
  );
});

test('where nothing decides, a button does, once, and by whoever was asked', async () => {
  await using house = await startHouse({ users: ['ou_alice', 'ou_bob'] });
  await threeMachines(house);
  expect(await ask(house, 'hello')).toContain('Which machine is this for?');
  const card = house.feishu.sent.at(-1);
  if (card === undefined) throw new Error('no card');
  expect(await house.feishu.press('ou_bob', card, 'lab-box')).toMatchObject({ toast: { type: 'error' } });
  expect(await house.feishu.press('ou_alice', card, 'lab-box')).toMatchObject({ toast: { type: 'success' } });
  await waitFor(() => house.textsTo('ou_alice').at(-1) === 'done by lab-box\n\n· lab-box');
  expect(card.text).toBe('→ lab-box');
});

test('a machine that is killed is announced, its message waits and can be sent elsewhere, and it comes back', async () => {
  await using house = await startHouse({ keyring: { NODE_OFFLINE_GRACE_S: 0.3 } });
  const { home } = await threeMachines(house);
  expect(await ask(house, '/node home-pc')).toBe('Active node: home-pc');
  await home.kill();
  await waitFor(() => house.textsTo('ou_alice').includes('⚠️ Node "home-pc" disconnected.'));
  expect(await ask(house, '@home-pc one')).toContain('Node "home-pc" is offline');
  const card = house.feishu.sent.at(-1);
  if (card === undefined) throw new Error('no card');
  await house.feishu.press('ou_alice', card, 'send:lab-box');
  await waitFor(() => house.textsTo('ou_alice').at(-1) === 'done by lab-box\n\n· lab-box');
  expect(await ask(house, '@home-pc two')).toContain('Node "home-pc" is offline');
  await house.startNode();
  await waitFor(() => house.textsTo('ou_alice').includes('✅ Node "home-pc" reconnected.'));
  await waitFor(() => house.textsTo('ou_alice').includes('done by home-pc\n\n· home-pc'));
  const answers = house.textsTo('ou_alice').filter((text) => text.startsWith('done by'));
  expect(answers).toEqual(['done by lab-box\n\n· lab-box', 'done by home-pc\n\n· home-pc']);
});
