import { describe, expect, test } from 'vitest';
import type { IncomingAttachment } from '../../src/bot/chat-channel.ts';
import { ChatError } from '../../src/bot/chat-channel.ts';
import { FakeChat } from '../fakes/fake-chat.ts';
import { TestRouter } from '../fakes/test-router.ts';

const voice: IncomingAttachment = { key: 'v', kind: 'audio', name: 'voice.opus' };

/** A chat that hears in each voice what its bytes say. */
class HearingChat extends FakeChat {
  heard = 0;

  async transcribe(sound: AsyncIterable<Uint8Array>): Promise<string | undefined> {
    this.heard += 1;
    const chunks: Uint8Array[] = [];
    for await (const chunk of sound) chunks.push(chunk);
    const words = Buffer.concat(chunks).toString();
    if (words === 'mumble') throw new ChatError('unavailable', 'It could not be heard.');
    return words === 'silence' ? undefined : words;
  }
}

async function start(words: string) {
  const chat = new HearingChat();
  chat.uploads.set('v', Buffer.from(words));
  return { chat, router: await TestRouter.start({ chat }) };
}

describe('a voice', () => {
  test('is a text where the platform hears it, and its sound goes along', async () => {
    const { chat, router } = await start('run the tests');
    await using _router = router;
    using node = await router.connectNode();
    await chat.say('', { attachments: [voice] });
    expect(await node.take()).toMatchObject({ text: 'run the tests', attachments: [{ kind: 'audio', size: 13 }] });
  });

  test.each(['mumble', 'silence'])('goes on as a file where there is %s', async (words) => {
    const { chat, router } = await start(words);
    await using _router = router;
    using node = await router.connectNode();
    await chat.say('', { attachments: [voice] });
    expect(await node.take()).toMatchObject({ text: '', attachments: [{ name: 'voice.opus' }] });
    expect(chat.texts()).toEqual([]);
  });

  test('that came with words is not listened to', async () => {
    const { chat, router } = await start('run the tests');
    await using _router = router;
    using node = await router.connectNode();
    await chat.say('what does she say?', { attachments: [voice] });
    expect(await node.take()).toMatchObject({ text: 'what does she say?' });
    expect(chat.heard).toBe(0);
  });

  test('in Chinese is answered in Chinese', async () => {
    const { chat, router } = await start('跑一下测试');
    await using _router = router;
    await chat.say('', { attachments: [voice] });
    expect(await chat.untilShown(1)).toEqual([expect.stringContaining('你的机器还没有一台连上我')]);
  });
});
