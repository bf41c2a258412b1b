import type { House } from '@phonework/testkit/house';
import { startHouse } from '@phonework/testkit/house';
import { ShiftedClock } from '@phonework/testkit/shifted-clock';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const openId = 'ou_alice';

async function start(house: House, clock: ShiftedClock) {
  house.model.answerWith(({ body }) => `re: ${body.messages.at(-1)?.content ?? ''}`);
  const [router, node] = await Promise.all([house.startRouter(clock.environment), house.startNode(clock.environment)]);
  await house.connected();
  return { router, node };
}

/** Resolves with the id of what was said. */
async function ask(house: House, text: string, answer = `re: ${text}`): Promise<string> {
  const id = house.feishu.say({ openId, text });
  await waitFor(() => house.textsTo(openId).some((said) => said.startsWith(answer)), { what: `the answer to ${text}` });
  return id;
}

function countOf(house: House, start: string): number {
  return house.textsTo(openId).filter((text) => text.startsWith(start)).length;
}

test('a clock that is set by an hour, a day or years either way loses, doubles and cuts off nothing', async () => {
  using clock = new ShiftedClock();
  await using house = await startHouse({
    keyring: { HEARTBEAT_INTERVAL_S: 1, HEARTBEAT_TIMEOUT_S: 5, NODE_OFFLINE_GRACE_S: 2 },
  });
  const { router } = await start(house, clock);
  const said = [await ask(house, 'at first')];
  for (const shiftMs of [HOUR_MS, -HOUR_MS, DAY_MS, -DAY_MS, 14 * 365 * DAY_MS, -30 * 365 * DAY_MS, 0]) {
    clock.shift(shiftMs);
    said.push(await ask(house, `at ${shiftMs}`));
    // Whatever was taken under another clock is remembered.
    for (const id of said) house.feishu.redeliver(id);
    await waitFor(() => house.feishu.deliveries.every(({ ackCode }) => ackCode !== undefined), {
      what: 'every copy to be acknowledged',
    });
  }
  await ask(house, 'at last');
  expect(house.textsTo(openId)).toEqual([...house.textsTo(openId)].filter((text) => text.startsWith('re: at ')));
  expect(house.textsTo(openId).length).toBe(9);
  expect(router.log.filter(({ msg }) => msg === 'node taken for dead')).toEqual([]);
  expect((await house.health())?.nodes).toMatchObject([{ node_id: 'home-pc', status: 'online' }]);
});

test('a machine that is away is announced although the clock was set back meanwhile', async () => {
  using clock = new ShiftedClock();
  await using house = await startHouse({ keyring: { NODE_OFFLINE_GRACE_S: 1 } });
  const { node } = await start(house, clock);
  await ask(house, 'hello');
  await node.kill();
  clock.shift(-DAY_MS);
  await ask(house, 'are you there?', 'Node "home-pc" is offline');
  await waitFor(() => countOf(house, '⚠️ Node "home-pc" disconnected.') === 1, { what: 'the notice' });
});

test('a reminder goes by the wall clock: once when its time is reached, and not again when it comes a second time', async () => {
  using clock = new ShiftedClock();
  await using house = await startHouse();
  const { node } = await start(house, clock);
  await ask(house, '/remind 1h tea', '⏰ Set for');
  house.feishu.say({ openId, text: '/remind 30m walk' });
  await waitFor(() => countOf(house, '⏰ Set for') === 2, { what: 'both to be set' });
  // An hour back: what was due in half an hour is due in one and a half.
  clock.shift(-HOUR_MS);
  await ask(house, 'still here?');
  expect(countOf(house, '⏰ walk') + countOf(house, '⏰ tea')).toBe(0);
  clock.shift(HOUR_MS + 1000);
  await waitFor(() => countOf(house, '⏰ tea') === 1 && countOf(house, '⏰ walk') === 1, { what: 'both reminders' });
  expect(house.textsTo(openId).find((text) => text.startsWith('⏰ walk'))).toMatch(/30m/);
  clock.shift(-DAY_MS);
  await ask(house, 'and now?');
  clock.shift(2 * HOUR_MS);
  await ask(house, 'and then?');
  await node.stop();
  await house.startNode(clock.environment);
  await ask(house, 'and after a restart?');
  expect([countOf(house, '⏰ tea'), countOf(house, '⏰ walk')]).toEqual([1, 1]);
});

test('in 2040 everything works as it does today', async () => {
  using clock = new ShiftedClock(14 * 365 * DAY_MS);
  await using house = await startHouse({ standalone: true });
  house.model.answerWith(({ body }) => `re: ${body.messages.at(-1)?.content ?? ''}`);
  await house.startStandalone(clock.environment);
  await house.connected();
  await ask(house, 'hello');
  await ask(house, '/remind 1s tea', '⏰ Set for');
  await waitFor(() => countOf(house, '⏰ tea') === 1, { what: 'the reminder' });
});
