import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { AttachmentDownloads } from '../../src/bot/attachment-downloads.ts';
import type { IncomingAttachment, IncomingMessage } from '../../src/bot/chat-channel.ts';
import { ChatError } from '../../src/bot/chat-channel.ts';
import { Quotes } from '../../src/bot/quotes.ts';
import { FakeChat } from '../fakes/fake-chat.ts';
import { Office } from '../fakes/office.ts';
import { TempFolder } from '../fakes/temp-folder.ts';
import { TestRouter } from '../fakes/test-router.ts';
import { asked, shown, workServer } from './machines.ts';

/** A chat that knows what was said before, and which files came with it. */
class RememberingChat extends FakeChat {
  readonly said = new Map<string, string>();
  readonly brought = new Map<string, readonly IncomingAttachment[]>();
  /** Which message each file was fetched with. */
  readonly fetchedWith: string[] = [];
  onLookUp: () => void | Promise<void> = () => {};

  override async textOf(messageId: string): Promise<string | undefined> {
    await this.onLookUp();
    return this.said.get(messageId) ?? (await super.textOf(messageId));
  }

  async attachmentsOf(messageId: string): Promise<readonly IncomingAttachment[]> {
    return this.brought.get(messageId) ?? [];
  }

  override async fetchFile(messageId: string, attachment: IncomingAttachment): Promise<AsyncIterable<Uint8Array>> {
    this.fetchedWith.push(messageId);
    return await super.fetchFile(messageId, attachment);
  }
}

async function start(folder?: TempFolder) {
  const chat = new RememberingChat();
  chat.said.set('om_old', 'what was said');
  return { chat, router: await TestRouter.start({ chat, ...(folder && { folder }) }) };
}

describe('a message that answers another', () => {
  test('goes with what that one says', async () => {
    const { chat, router } = await start();
    await using _router = router;
    using node = await router.connectNode();
    await chat.say('is this right?', { quotedId: 'om_old' });
    expect(await node.take()).toMatchObject({ text: 'is this right?', quoted: 'what was said' });
  });

  test('goes with no more than 8,000 characters of it, and no half ones', async () => {
    const { chat, router } = await start();
    await using _router = router;
    using node = await router.connectNode();
    chat.said.set('om_long', `a${'😀'.repeat(5000)}`);
    await chat.say('short?', { quotedId: 'om_long' });
    const { quoted = '' } = await node.take();
    expect([quoted.length, quoted.slice(-3)]).toEqual([8000, '😀…']);
    chat.said.set('om_long', `${'😀'.repeat(5000)}`);
    await chat.say('short?', { quotedId: 'om_long' });
    expect((await node.take()).quoted?.slice(-3)).toBe('😀…');
  });

  test.each([
    ['can not be read', new ChatError('refused', 'No.')],
    ['can not be read now', new ChatError('unavailable', 'Later.')],
  ])('that %s goes without it, and nothing is said of that', async (_what, error) => {
    const { chat, router } = await start();
    await using _router = router;
    using node = await router.connectNode();
    chat.onLookUp = () => {
      throw error;
    };
    await chat.say('is this right?', { quotedId: 'om_old' });
    expect(await node.answer('yes')).not.toHaveProperty('quoted');
    expect(await chat.untilShown(1)).toEqual(['yes']);
  });

  test('keeps its place before what follows, and a command waits for neither', async () => {
    const { chat, router } = await start();
    await using _router = router;
    using node = await router.connectNode();
    const { promise, resolve } = Promise.withResolvers<void>();
    chat.onLookUp = () => promise;
    await chat.say('first', { quotedId: 'om_old' });
    await chat.say('second');
    await chat.say('/status', { quotedId: 'om_old' });
    expect(await node.take()).toMatchObject({ text: '/status' });
    resolve();
    expect([(await node.take()).text, (await node.take()).text]).toEqual(['first', 'second']);
  });

  test('gets it after a restart while it was looked up', async () => {
    using folder = new TempFolder();
    const first = await start(folder);
    using _known = await first.router.connectNode();
    let lookedUp = 0;
    first.chat.onLookUp = () => {
      lookedUp += 1;
      return new Promise(() => {});
    };
    await first.chat.say('is this right?', { quotedId: 'om_old' });
    await waitFor(() => lookedUp > 0);
    await first.router.stop();
    const second = await start(folder);
    await using router = second.router;
    using node = await router.connectNode();
    expect(await node.take()).toMatchObject({ text: 'is this right?', quoted: 'what was said' });
  });

  test('goes with the pictures of that one, after its own', async () => {
    const { chat, router } = await start();
    await using _router = router;
    using node = await router.connectNode();
    chat.uploads.set('old', Buffer.from('old'));
    chat.uploads.set('new', Buffer.from('new'));
    chat.brought.set('om_old', [{ key: 'old', kind: 'file', name: 'old.txt' }]);
    const { id } = await chat.say('compare them', {
      quotedId: 'om_old',
      attachments: [{ key: 'new', kind: 'file', name: 'new.txt' }],
    });
    expect(await node.take()).toMatchObject({ attachments: [{ name: 'new.txt' }, { name: 'old.txt' }] });
    expect(chat.fetchedWith.sort()).toEqual([id, 'om_old'].sort());
    chat.brought.set('om_old', [{ key: 'gone', kind: 'file', name: 'gone.txt' }]);
    await chat.say('and now?', { quotedId: 'om_old' });
    expect(await node.take()).toEqual(expect.not.objectContaining({ attachments: expect.anything() }));
    expect(chat.texts()).toEqual([]);
  });

  test('goes to the machine that said that one, also when it waited', async () => {
    const { chat, router } = await start();
    await using _router = router;
    using home = await router.connectNode();
    using work = await router.connectNode(workServer);
    await chat.say('@work-server hello');
    await work.answer('at your service');
    const answer = await shown(chat, 'at your service');
    await chat.say('thanks, go on', { quotedId: answer.id });
    expect(await work.take()).toMatchObject({
      text: 'thanks, go on',
      quoted: expect.stringContaining('at your service'),
    });
    expect(asked(home)).toEqual([]);
  });
});

test('what a platform does not tell in time is done without, whether it looks at the signal or not', async () => {
  using folder = new TempFolder();
  const chat = new RememberingChat();
  await using office = new Office(folder, [chat]);
  const { files, log } = office;
  const timings = { retryMinMs: 5, retryMaxMs: 40 };
  const downloads = new AttachmentDownloads({ channels: [chat], files, keepMs: 1000, timings, logger: log.logger });
  const quotes = new Quotes({ channels: [chat], downloads, patienceMs: 30, logger: log.logger });
  chat.onLookUp = () => new Promise(() => {});
  const message: IncomingMessage = {
    id: 'om_new',
    channel: 'feishu',
    chatId: 'oc',
    chatType: 'p2p',
    userId: 'ou_alice',
    text: 'well?',
    addressed: true,
    quotedId: 'om_old',
    sentAt: 0,
  };
  expect(await quotes.get(message, new AbortController().signal)).toEqual({ attachments: [] });
});
