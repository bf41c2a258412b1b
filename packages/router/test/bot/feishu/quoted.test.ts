import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Setting } from './setting.ts';

const signal = new AbortController().signal;
const alice = { openId: 'ou_alice' } as const;

test('what a person or the bot said is read back, with names and links', async () => {
  await using setting = await Setting.open();
  const { feishu, channel } = setting;
  await setting.start();
  feishu.cardsReadAs = 'placeholder';
  const text = feishu.say({ ...alice, text: 'run the tests' });
  const post = feishu.deliver(
    'post',
    {
      title: 'Plan',
      content: [
        [
          { tag: 'a', text: 'this', href: 'https://x.y' },
          { tag: 'at', user_id: '@_all' },
        ],
      ],
    },
    alice,
  );
  const [answer = ''] = await channel.send({
    id: 'm1',
    chatId: feishu.chatOf('ou_alice'),
    text: 'All **12** tests pass.',
    actions: [{ id: 'again', label: 'Again', style: 'default' }],
  });
  expect(await channel.textOf(text, signal)).toBe('run the tests');
  expect(await channel.textOf(post, signal)).toBe('Plan\n[this](https://x.y)@all');
  const read = await channel.textOf(answer, signal);
  expect(read).toContain('All **12** tests pass.');
  expect(read).not.toContain('Again');
});

test('a picture has no words, but the file is told, and can be fetched with its own message', async () => {
  await using setting = await Setting.open();
  const { feishu, channel } = setting;
  await setting.start();
  const picture = feishu.sendFile({ ...alice, kind: 'image', name: 'a.png', bytes: Buffer.from('bytes') });
  const calls = feishu.calls.length;
  const [text, files] = await Promise.all([channel.textOf(picture, signal), channel.attachmentsOf(picture, signal)]);
  expect([text, files]).toEqual([undefined, [expect.objectContaining({ kind: 'image' })]]);
  expect(feishu.calls.slice(calls).filter(({ path }) => path === `/im/v1/messages/${picture}`)).toHaveLength(1);
  const [file] = files;
  if (file === undefined) throw new Error('no file');
  const chunks: Uint8Array[] = [];
  for await (const chunk of await channel.fetchFile(picture, file, signal)) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toBe('bytes');
});

test('what is of no use is no error: a sticker, a recalled message; one that is gone is refused', async () => {
  await using setting = await Setting.open();
  const { feishu, channel } = setting;
  await setting.start();
  const sticker = feishu.deliver('sticker', { file_key: 'f' }, alice);
  const recalled = feishu.say({ ...alice, text: 'secret' });
  feishu.remove(recalled, 'recalled');
  expect(await channel.textOf(sticker, signal)).toBeUndefined();
  expect(await channel.textOf(recalled, signal)).toBeUndefined();
  expect(await channel.attachmentsOf(recalled, signal)).toEqual([]);
  await expect(channel.textOf('om_never', signal)).rejects.toMatchObject({ name: 'ChatError', code: 'refused' });
});

test("the bot's own files are not fetched as if a person had sent them", async () => {
  await using setting = await Setting.open();
  const { feishu, channel } = setting;
  await setting.start();
  const path = fileURLToPath(new URL('fixtures/tone.opus', import.meta.url));
  const file = { id: 'f1', chatId: feishu.chatOf('ou_alice'), name: 'tone.opus', size: 2290, fileId: 'f1', path };
  const [answer = ''] = await channel.sendFile(file);
  expect(await channel.attachmentsOf(answer, signal)).toEqual([]);
});
