import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { HOUR_MS, MINUTE_MS } from '@phonework/shared/duration';
import type { House } from '@phonework/testkit/house';
import { startHouse } from '@phonework/testkit/house';
import type { Program } from '@phonework/testkit/program';
import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';

/** A restart on a busy machine is no absence to tell of. */
const keyring = { NODE_OFFLINE_GRACE_S: 60 };

/** A house with a Feishu that brings no event again, and a chat in which something was said. */
async function openHouse(): Promise<{ readonly house: House; readonly router: Program }> {
  const house = await startHouse({ keyring, feishu: { redeliverAfterMs: [] } });
  house.feishu.sockets.whenAlone = 'lose';
  house.model.answerWith(({ body }) => `re: ${body.messages.at(-1)?.content ?? ''}`);
  const [router] = await Promise.all([house.startRouter(), house.startNode()]);
  await house.connected();
  house.feishu.say({ openId: 'ou_alice', text: 'hello' });
  await untilSaid(house, 're: hello');
  return { house, router };
}

async function untilSaid(house: House, text: string): Promise<void> {
  await waitFor(() => house.textsTo('ou_alice').includes(text), { what: `"${text}" in the chat`, timeoutMs: 15_000 });
}

/** While the router is down: as if it had been down for so long. */
function age(house: House, ms: number): void {
  const database = new DatabaseSync(join(house.folder, 'data', 'router.db'));
  database.exec(`UPDATE feishu_attendance SET attended_until = attended_until - ${ms}`);
  database.exec(`UPDATE outbox SET created_at = created_at - ${ms} WHERE box = 'chat'`);
  database.close();
}

describe('what was said while the router was down', () => {
  test('and was brought by nobody is found in the chat, and answered once, in its order', async () => {
    const { house, router } = await openHouse();
    await using _ = house;
    await router.kill();
    for (const text of ['one', 'two']) house.feishu.say({ openId: 'ou_alice', text });
    await house.startRouter();
    await untilSaid(house, 're: two');
    expect(house.textsTo('ou_alice')).toEqual(['re: hello', 're: one', 're: two']);
  });

  test('is marked as found late, also in the answers, and not run after a day', async () => {
    const { house, router } = await openHouse();
    await using _ = house;
    await router.kill();
    age(house, 30 * HOUR_MS);
    house.feishu.say({ openId: 'ou_alice', text: 'old work', sentAt: Date.now() - 25 * HOUR_MS });
    house.feishu.say({ openId: 'ou_alice', text: 'newer work', sentAt: Date.now() - 20 * MINUTE_MS });
    await house.startRouter();
    await untilSaid(house, 're: newer work');
    const [, list, notice, answer, ...more] = house.textsTo('ou_alice');
    expect(list).toMatch(/^⏪ These came while I was away.*\n- \d\d-\d\d \d\d:\d\d old work$/);
    expect(notice).toMatch(/^⏪ I was away and found this in the chat: handled now/);
    expect([answer, ...more]).toEqual(['re: newer work']);
  });

  test.each(['before', 'after'])('is answered once when Feishu brings it again %s it was found', async (when) => {
    const { house, router } = await openHouse();
    await using _ = house;
    await router.kill();
    const id = house.feishu.say({ openId: 'ou_alice', text: 'once' });
    if (when === 'before') {
      house.feishu.sockets.whenAlone = 'keep';
      house.feishu.redeliver(id, 3);
    }
    const next = await house.startRouter();
    await untilSaid(house, 're: once');
    house.feishu.redeliver(id, 3);
    await waitFor(() => house.feishu.deliveries.every(({ ackCode }) => ackCode === 200));
    house.feishu.say({ openId: 'ou_alice', text: 'next' });
    await untilSaid(house, 're: next');
    await next.stop();
    expect(house.textsTo('ou_alice')).toEqual(['re: hello', 're: once', 're: next']);
  });

  test('waits for Feishu to bring it where the app may not read the chat, which the log says once', async () => {
    const { house, router } = await openHouse();
    await using _ = house;
    house.feishu.canReadHistory = false;
    await router.kill();
    const id = house.feishu.say({ openId: 'ou_alice', text: 'later' });
    const next = await house.startRouter();
    const lines = await next.waitFor('the warning', ({ log }) => {
      const found = log.filter(({ msg }) => String(msg).includes('does not let the app read its chats'));
      return found.length > 0 && found;
    });
    house.feishu.redeliver(id);
    await untilSaid(house, 're: later');
    expect(lines).toHaveLength(1);
    expect(house.textsTo('ou_alice')).toEqual(['re: hello', 're: later']);
  });
});

describe('an answer that Feishu took just before the router died, and that is found in the outbox hours later', () => {
  test.each([
    ['a text', 'all done'],
    ['a card', 'see `a.ts`:\n\n```ts\nconst a = 1;\n```'],
    [
      'in parts',
      Array.from({ length: 1300 }, (_, line) => `- line ${line}, **as** long as all of them are`).join('\n'),
    ],
  ])('is there once (%s)', async (_what, answer) => {
    const { house, router } = await openHouse();
    await using _ = house;
    await router.stop();
    house.feishu.uuidWindowMs = 0;
    house.model.answerWith(() => answer);
    const killed = await house.startRouter({ PHONEWORK_KILL_AT: 'reply.accepted' });
    await house.connected();
    house.feishu.say({ openId: 'ou_alice', text: 'go' });
    expect((await killed.ended()).signal).toBe('SIGKILL');
    const sent = house.feishu.sent.length;
    age(house, 3 * HOUR_MS);
    await house.startRouter();
    await waitFor(async () => (await house.health())?.queue?.outbox === 0, { what: 'the outbox to be empty' });
    expect(house.feishu.sent).toHaveLength(sent);
  });
});
