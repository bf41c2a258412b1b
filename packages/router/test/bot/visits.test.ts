import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { TempFolder } from '../fakes/temp-folder.ts';
import { TestRouter } from '../fakes/test-router.ts';
import { leave } from './machines.ts';

async function visit({ chat }: TestRouter, userId = 'ou_alice'): Promise<void> {
  await chat.handlers.onVisit({ channel: 'feishu', chatId: `chat-of-${userId}`, userId });
}

describe('who opens the chat with the bot', () => {
  test('for the first time is welcomed with three things to try, once, over restarts', async () => {
    using folder = new TempFolder();
    const first = await TestRouter.start({ folder });
    await visit(first);
    const [welcome = ''] = await first.chat.untilShown(1);
    expect(welcome.match(/^•/gm)).toHaveLength(3);
    expect(welcome).toContain('/help');
    await visit(first);
    await first.stop();
    await using second = await TestRouter.start({ folder });
    await visit(second);
    await second.chat.say('/nodes');
    expect(await second.chat.untilShown(1)).toEqual([expect.stringContaining('None of your machines')]);
    expect([first.chat.texts(), second.chat.texts()].map(({ length }) => length)).toEqual([1, 1]);
  });

  test('and has written before is not welcomed', async () => {
    await using router = await TestRouter.start();
    await router.chat.say('/nodes');
    await visit(router);
    await router.chat.say('/nodes');
    for (const text of await router.chat.untilShown(2)) expect(text).toContain('None of your machines');
  });

  test('is told there what happens to their machines', async () => {
    await using router = await TestRouter.start({ config: { nodeOfflineGraceMs: 0 } });
    using node = await router.connectNode();
    await visit(router);
    await router.chat.untilShown(1);
    await leave(router, node, 'home-pc');
    await waitFor(() => router.chat.presence().length === 1);
  });

  test('as a stranger is told so once a day, and of them nothing is kept', async () => {
    await using router = await TestRouter.start();
    await visit(router, 'ou_mallory');
    await visit(router, 'ou_mallory');
    await visit(router, 'ou_trudy');
    await visit(router);
    await router.chat.untilShown(1);
    expect(await router.chat.untilShown(1, 'chat-of-ou_mallory')).toEqual([expect.stringContaining('Not allowed')]);
    expect(await router.chat.untilShown(1, 'chat-of-ou_trudy')).toEqual([expect.stringContaining('ou_trudy')]);
    expect(router.chat.shown).toHaveLength(3);
  });
});
