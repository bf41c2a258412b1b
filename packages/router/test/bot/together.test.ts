import type { Letter } from '@phonework/shared/mail';
import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import type { Unprepared } from '../../src/bot/batch.ts';
import { firstBatch } from '../../src/bot/batch.ts';
import type { IncomingAttachment, IncomingMessage } from '../../src/bot/chat-channel.ts';
import { ChatError } from '../../src/bot/chat-channel.ts';
import { FakeChat } from '../fakes/fake-chat.ts';
import type { RawNode } from '../fakes/raw-node.ts';
import { TempFolder } from '../fakes/temp-folder.ts';
import { TestRouter } from '../fakes/test-router.ts';
import { asked } from './machines.ts';

function photo(key: string): IncomingAttachment {
  return { key, kind: 'image', name: `${key}.png` };
}

/** A chat where anything can be fetched, its key as its bytes. */
class Album extends FakeChat {
  override async fetchFile(_messageId: string, attachment: IncomingAttachment): Promise<AsyncIterable<Uint8Array>> {
    this.uploads.set(attachment.key, Buffer.from(attachment.key));
    return await super.fetchFile(_messageId, attachment);
  }

  async picture(key: string, more: Partial<IncomingMessage> = {}): Promise<IncomingMessage> {
    return await this.say('', { attachments: [photo(key)], ...more });
  }
}

function names({ attachments = [] }: { readonly attachments?: readonly { readonly name: string }[] | undefined }) {
  return attachments.map(({ name }) => name);
}

async function start(folder?: TempFolder): Promise<{ readonly router: TestRouter; readonly chat: Album }> {
  const chat = new Album();
  return { chat, router: await TestRouter.start({ chat, ...(folder && { folder }) }) };
}

/** Everything before this has been forwarded by the time it is: it comes in a turn of its own. */
async function forwardsBefore(chat: Album, node: RawNode, end = 'that is all'): Promise<string[]> {
  await chat.say(end, { quotedId: 'om_unknown' });
  await waitFor(() => asked(node).includes(end));
  return asked(node).slice(0, -1);
}

describe('pictures that are sent one after the other', () => {
  test('are one turn, answered at the last of them, and the others are not marked any longer', async () => {
    const { router, chat } = await start();
    await using _router = router;
    using node = await router.connectNode();
    await chat.picture('a');
    await chat.picture('b');
    const last = await chat.picture('c');
    const forward = await node.answer('three nice pictures');
    expect(names(forward)).toEqual(['a.png', 'b.png', 'c.png']);
    expect(forward.text).toBe('');
    await chat.untilShown(1);
    expect(chat.shown).toMatchObject([{ text: 'three nice pictures', replyTo: last.id }]);
    await waitFor(() => chat.marked.size === 0);
    expect(await forwardsBefore(chat, node)).toEqual(['']);
  });

  test('go with the words that follow at once', async () => {
    const { router, chat } = await start();
    await using _router = router;
    using node = await router.connectNode();
    await chat.picture('a');
    await chat.picture('b');
    const question = await chat.say('which is better?');
    const forward = await node.answer('the first');
    expect([forward.text, names(forward)]).toEqual(['which is better?', ['a.png', 'b.png']]);
    await chat.untilShown(1);
    expect(chat.shown).toMatchObject([{ replyTo: question.id }]);
  });

  test('are waited for while they come, and no longer', async () => {
    const { router, chat } = await start();
    await using _router = router;
    using node = await router.connectNode();
    const saidAt = performance.now();
    await chat.picture('a');
    expect(names(await node.take())).toEqual(['a.png']);
    expect(performance.now() - saidAt).toBeGreaterThan(600);
    await chat.say('and now?');
    expect(await node.take()).toMatchObject({ text: 'and now?' });
  });

  test('are one turn although one of them can not be had, which is told', async () => {
    const { router, chat } = await start();
    await using _router = router;
    using node = await router.connectNode();
    chat.onFetch = ({ key }) => {
      if (key === 'b') throw new ChatError('refused', 'There is no such file.');
    };
    await chat.picture('a');
    const broken = await chat.picture('b');
    await chat.picture('c');
    expect(names(await node.take())).toEqual(['a.png', 'c.png']);
    await chat.untilShown(1);
    expect(chat.shown).toMatchObject([{ replyTo: broken.id, text: expect.stringContaining('did not get "b.png"') }]);
  });

  test('are one turn after a restart in the middle of it', async () => {
    using folder = new TempFolder();
    const first = await start(folder);
    await first.chat.picture('a');
    await first.chat.picture('b');
    await first.router.stop();
    const second = await start(folder);
    await using router = second.router;
    using node = await router.connectNode();
    expect(names(await node.take())).toEqual(['a.png', 'b.png']);
    expect(await forwardsBefore(second.chat, node)).toEqual(['']);
  });

  test('do not hold up a message in another chat, nor a command', async () => {
    const { router, chat } = await start();
    await using _router = router;
    using node = await router.connectNode({ serves_users: ['ou_alice', 'ou_bob'] });
    await chat.picture('a');
    await chat.say('hello from bob', { userId: 'ou_bob' });
    await chat.say('/status');
    expect([(await node.take()).text, (await node.take()).text]).toEqual(['hello from bob', '/status']);
    expect(names(await node.take())).toEqual(['a.png']);
  });

  test('are not put together with those of somebody else, nor with words of somebody else', async () => {
    const { router, chat } = await start();
    await using _router = router;
    using node = await router.connectNode({ serves_users: ['ou_alice', 'ou_bob'] });
    const group = { chatId: 'oc_team', chatType: 'group' } as const;
    await chat.picture('a', group);
    await chat.picture('b', { ...group, userId: 'ou_bob' });
    await chat.say('mine is better', group);
    expect(names(await node.take())).toEqual(['a.png']);
    expect(await node.take()).toMatchObject({ user_id: 'ou_bob', text: '' });
    expect(await node.take()).toMatchObject({ user_id: 'ou_alice', text: 'mine is better' });
  });
});

describe('of messages that wait, those make one turn', () => {
  const image: readonly IncomingAttachment[] = [photo('a')];
  const voice: readonly IncomingAttachment[] = [{ key: 'v', kind: 'audio', name: 'voice.opus' }];

  function letter(
    receivedAt: number,
    { text = '', attachments = [], ...more }: Partial<IncomingMessage>,
  ): Letter<Unprepared> {
    const id = `om_${receivedAt}`;
    const message: IncomingMessage = {
      id,
      channel: 'feishu',
      chatId: 'oc',
      chatType: 'p2p',
      userId: 'ou_alice',
      text,
      attachments,
      addressed: true,
      sentAt: 0,
      ...more,
    };
    return { id, lane: 'feishu:oc', body: { message, text }, starts: 0, receivedAt };
  }

  test.each<[string, readonly Letter<Unprepared>[], number, number]>([
    ['that come within 700 ms of each other', [0, 700, 1400].map((at) => letter(at, { attachments: image })), 3, 2100],
    ['and not one that comes later', [0, 701].map((at) => letter(at, { attachments: image })), 1, 0],
    ['up to the words, which end it', [letter(0, { attachments: image }), letter(9, { text: 'hi' })], 2, 0],
    ['and never two with words', [letter(0, { text: 'hi' }), letter(9, { attachments: image })], 1, 0],
    ['and no voice, which is words', [letter(0, { attachments: image }), letter(9, { attachments: voice })], 1, 0],
    ['and nothing after a voice', [letter(0, { attachments: voice }), letter(9, { text: 'hi' })], 1, 0],
    [
      'that answer the same message',
      [letter(0, { attachments: image }), letter(9, { text: 'hi', quotedId: 'om_x' })],
      1,
      0,
    ],
    ['up to 20 files', Array.from({ length: 22 }, (_, at) => letter(at, { attachments: image })), 20, 0],
    [
      'and the words after 20 files',
      [...Array.from({ length: 20 }, (_, at) => letter(at, { attachments: image })), letter(20, { text: 'hi' })],
      21,
      0,
    ],
    ['of none', [], 0, 0],
  ])('%s', (_what, letters, count, openUntil) => {
    const batch = firstBatch(letters);
    expect([batch.letters.length, batch.openUntil]).toEqual([count, openUntil]);
  });
});
