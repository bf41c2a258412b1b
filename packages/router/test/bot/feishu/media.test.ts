import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { FaultEffect } from '@phonework/testkit/feishu-server';
import { describe, expect, test } from 'vitest';
import type { IncomingAttachment, OutgoingFile } from '../../../src/bot/chat-channel.ts';
import { TempFolder } from '../../fakes/temp-folder.ts';
import { Setting } from './setting.ts';

const MB = 1024 * 1024;
const { signal } = new AbortController();

/** A file of the router's, as it is handed to the channel. */
function fileOf(folder: TempFolder, bytes: Buffer, changes: Partial<OutgoingFile> = {}): OutgoingFile {
  const path = join(folder.path, 'bytes');
  writeFileSync(path, bytes);
  return { id: 'message-1', chatId: 'oc_team', name: '报告 1.pdf', size: bytes.length, fileId: 'f1', path, ...changes };
}

describe('a file to the chat', () => {
  test('of 30 MB arrives whole, as a reply, under its own name', async () => {
    using folder = new TempFolder();
    await using setting = await Setting.open();
    const bytes = randomBytes(30 * MB);
    const replyTo = setting.feishu.say({ openId: 'ou_alice', chatId: 'oc_team', text: 'send it' });
    const shown = await setting.channel.sendFile(fileOf(folder, bytes, { replyTo }));
    const [message] = setting.feishu.sent;
    const [upload] = setting.feishu.uploads;
    expect(shown).toEqual([message?.id]);
    expect(message).toMatchObject({ messageType: 'file', replyTo, content: JSON.stringify({ file_key: upload?.key }) });
    expect(upload?.name).toBe('报告 1.pdf');
    expect(upload?.bytes.equals(bytes)).toBe(true);
  });

  test('is an image up to 10 MB, and a file above', async () => {
    using folder = new TempFolder();
    await using setting = await Setting.open();
    for (const [index, size] of [10 * MB, 10 * MB + 1].entries()) {
      const file = fileOf(folder, Buffer.alloc(size), { id: `message-${index}`, imageType: 'image/png' });
      await setting.channel.sendFile(file);
    }
    expect(setting.feishu.sent.map(({ messageType }) => messageType)).toEqual(['image', 'file']);
  });

  test.each([234011, 234039])('that Feishu does not take as an image (%i) is sent as a file', async (code) => {
    using folder = new TempFolder();
    await using setting = await Setting.open();
    setting.feishu.fail({ path: '/im/v1/images', effect: { kind: 'answer', status: 400, code } });
    await setting.channel.sendFile(fileOf(folder, Buffer.from('odd'), { imageType: 'image/png' }));
    expect(setting.feishu.sent.map(({ messageType }) => messageType)).toEqual(['file']);
  });

  test.each<[string, FaultEffect]>([
    ['answered with 500', { kind: 'answer', status: 500, perform: true }],
    ['cut off', { kind: 'cut', perform: true }],
  ])(
    'whose send took effect but was %s is shown once, and uploaded once, when it is repeated',
    async (_how, effect) => {
      using folder = new TempFolder();
      await using setting = await Setting.open();
      const file = fileOf(folder, Buffer.from('hello'));
      setting.feishu.fail({ method: 'POST', path: '/im/v1/messages', effect });
      await expect(setting.channel.sendFile(file)).rejects.toMatchObject({ code: 'unavailable' });
      await setting.channel.sendFile(file);
      expect(setting.feishu.sent).toHaveLength(1);
      expect(setting.feishu.uploads).toHaveLength(1);
      // Another process does not know of the upload, and yet nothing is shown twice.
      await setting.channel.sendFile(file);
      expect(setting.feishu.sent).toHaveLength(1);
    },
  );

  test('needs no second call when the token has gone stale', async () => {
    using folder = new TempFolder();
    await using setting = await Setting.open();
    await setting.channel.sendFile(fileOf(folder, Buffer.from('hello')));
    setting.feishu.invalidateTokens();
    await setting.channel.sendFile(fileOf(folder, Buffer.from('hello'), { id: 'message-2' }));
    expect(setting.feishu.sent).toHaveLength(2);
  });

  test.each([
    [
      { kind: 'answer', status: 400, code: 234006 },
      { code: 'refused', message: 'The file is too large for Feishu.' },
    ],
    [
      { kind: 'answer', status: 400, code: 99991672 },
      { code: 'refused', message: expect.stringContaining('lacks a permission') },
    ],
    [
      { kind: 'answer', status: 429, code: 99991400, headers: { 'x-ogw-ratelimit-reset': '7' } },
      { code: 'rate_limited', retryAfterMs: 7000 },
    ],
    [{ kind: 'cut' }, { code: 'unavailable' }],
    [{ kind: 'hang' }, { code: 'unavailable' }],
  ] as const)('that fails with %j rejects accordingly', async (effect, failure) => {
    using folder = new TempFolder();
    await using setting = await Setting.open({ channel: { timings: { fileIdleMs: 300 } } });
    setting.feishu.fail({ path: '/im/v1/files', effect });
    await expect(setting.channel.sendFile(fileOf(folder, Buffer.from('hello')))).rejects.toMatchObject(failure);
    expect(setting.log.join()).not.toContain(setting.feishu.issuedTokens[0]);
  });

  test('that is empty is refused by Feishu, and that is said', async () => {
    using folder = new TempFolder();
    await using setting = await Setting.open();
    const sending = setting.channel.sendFile(fileOf(folder, Buffer.alloc(0)));
    await expect(sending).rejects.toMatchObject({ code: 'refused', message: 'Feishu takes no empty files.' });
  });
});

describe('a file from the chat', () => {
  /** A user sends it; what the bot is told of it. */
  function sent(setting: Setting, bytes: Buffer): readonly [string, IncomingAttachment] {
    const id = setting.feishu.sendFile({ openId: 'ou_alice', kind: 'file', name: 'a.json', bytes });
    const { file_key: key } = JSON.parse(
      setting.feishu.messagesIn(setting.feishu.chatOf('ou_alice'))[0]?.content ?? '',
    );
    return [id, { key, kind: 'file', name: 'a.json' }];
  }

  test("is the message's attachment, and comes byte for byte", async () => {
    await using setting = await Setting.open();
    await setting.start();
    const bytes = randomBytes(2 * MB);
    const [id, attachment] = sent(setting, bytes);
    const fetched = await setting.channel.fetchFile(id, attachment, signal);
    expect((await buffer(fetched)).equals(bytes)).toBe(true);
    setting.feishu.invalidateTokens();
    expect((await buffer(await setting.channel.fetchFile(id, attachment, signal))).length).toBe(2 * MB);
  });

  test('of another message is refused', async () => {
    await using setting = await Setting.open();
    const [, attachment] = sent(setting, Buffer.from('hello'));
    const fetching = setting.channel.fetchFile('om_other', attachment, signal);
    await expect(fetching).rejects.toMatchObject({
      code: 'refused',
      message: 'Feishu has no such file with that message.',
    });
  });

  test.each<[FaultEffect, string]>([
    [{ kind: 'cut' }, 'unavailable'],
    [{ kind: 'hang' }, 'unavailable'],
    [{ kind: 'answer', status: 500 }, 'unavailable'],
    [{ kind: 'answer', status: 400, code: 230020 }, 'rate_limited'],
    [{ kind: 'answer', status: 400, code: 234037 }, 'refused'],
    // Feishu says some things with a status of success.
    [{ kind: 'answer', status: 200, code: 234003 }, 'refused'],
  ])('that fails with %j is %s', async (effect, code) => {
    await using setting = await Setting.open({ channel: { timings: { fileIdleMs: 300 } } });
    const [id, attachment] = sent(setting, Buffer.from('hello'));
    setting.feishu.fail({ method: 'GET', path: /resources/, effect });
    await expect(setting.channel.fetchFile(id, attachment, signal)).rejects.toMatchObject({ code });
  });

  test('is given up when it is not wanted any longer', async () => {
    await using setting = await Setting.open();
    const [id, attachment] = sent(setting, Buffer.from('hello'));
    setting.feishu.fail({ method: 'GET', path: /resources/, effect: { kind: 'hang' } });
    const stop = new AbortController();
    const fetching = setting.channel.fetchFile(id, attachment, stop.signal);
    stop.abort();
    await expect(fetching).rejects.toMatchObject({ code: 'unavailable' });
  });
});
