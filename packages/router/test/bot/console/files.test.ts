import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Browser } from '@phonework/testkit/browser';
import { startBrowser } from '@phonework/testkit/browser';
import { waitFor } from '@phonework/testkit/wait';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONSOLE_CHAT_ID } from '../../../src/bot/console/channel.ts';
import { ConsoleRouter } from './console-router.ts';
import { lowContrast, openPhone } from './phone.ts';

const chatId = CONSOLE_CHAT_ID;
/** A pixel. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** The bot shows a file; resolves to its address. */
async function show(router: ConsoleRouter, name: string, bytes: Buffer): Promise<string> {
  const source = Readable.from([bytes]);
  const file = await router.files.receive(source, { origin: { kind: 'node', nodeId: 'home-pc' }, size: bytes.length });
  const { path, imageType } = file;
  const image = imageType === undefined ? {} : { imageType };
  const [id] = await router.channel.sendFile({
    id: `shows-${name}`,
    chatId,
    name,
    size: bytes.length,
    fileId: file.id,
    path,
    ...image,
  });
  return `${router.origin}/console/files/${encodeURIComponent(id ?? '')}/0`;
}

async function bring(router: ConsoleRouter, bytes: Buffer, headers: Record<string, string> = {}): Promise<Response> {
  const usual = { cookie: router.cookie, origin: router.origin };
  const body = new Uint8Array(bytes);
  return await fetch(`${router.origin}/console/files`, { method: 'POST', headers: { ...usual, ...headers }, body });
}

describe('a file that the bot shows', () => {
  test('is there byte for byte, to be saved and never run, for who has the cookie', async () => {
    await using router = await ConsoleRouter.start();
    const page = Buffer.from('<script>alert(1)</script>');
    const url = await show(router, "it's 报告.html", page);
    const answer = await fetch(url, { headers: { cookie: router.cookie } });
    expect(Buffer.from(await answer.arrayBuffer()).equals(page)).toBe(true);
    expect(answer.headers.get('content-type')).toBe('application/octet-stream');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('content-disposition')).toBe(
      "attachment; filename*=UTF-8''it%27s%20%E6%8A%A5%E5%91%8A.html",
    );
    expect((await fetch(url)).status).toBe(401);
    expect((await fetch(url.replace(/0$/, '1'), { headers: { cookie: router.cookie } })).status).toBe(404);
  });

  test("that is refused in another chat than the console's", async () => {
    await using router = await ConsoleRouter.start();
    const file = { id: 'm', chatId: 'oc_team', name: 'a', size: 1, fileId: 'f', path: '/nowhere' };
    await expect(router.channel.sendFile(file)).rejects.toMatchObject({ code: 'refused' });
  });
});

describe('a file that the user brings', () => {
  test('is handed on with the message that names it, and can be fetched', async () => {
    await using router = await ConsoleRouter.start();
    using page = await router.openPage();
    const bytes = randomBytes(100_000);
    const { id }: { readonly id: string } = JSON.parse(await (await bring(router, bytes)).text());
    page.socket.send(JSON.stringify({ type: 'say', id: 'page-id-1', text: '', files: [{ id, name: 'a.bin' }] }));
    await page.next('stored');
    const [message] = router.handled;
    expect(message).toMatchObject({ text: '', attachments: [{ key: id, kind: 'file', name: 'a.bin', size: 100_000 }] });
    const [attachment] = message?.attachments ?? [];
    if (attachment === undefined) throw new Error('nothing was attached');
    const fetched = await router.channel.fetchFile('console:page-id-1', attachment, new AbortController().signal);
    expect((await buffer(fetched)).equals(bytes)).toBe(true);
  });

  test("comes from the console's own page only, and up to 30 MB", async () => {
    await using router = await ConsoleRouter.start();
    expect((await bring(router, png, { origin: 'http://evil.example' })).status).toBe(403);
    expect((await bring(router, png, { cookie: '' })).status).toBe(401);
    const tooLarge = await bring(router, Buffer.alloc(30 * 1024 * 1024 + 1)).catch(() => undefined);
    // The rest is not waited for, so the answer may be lost with the connection.
    expect([undefined, 413]).toContain(tooLarge?.status);
  });

  test('that is not here any longer is told, and the message is not taken', async () => {
    await using router = await ConsoleRouter.start();
    using page = await router.openPage();
    page.socket.send(
      JSON.stringify({ type: 'say', id: 'page-id-1', text: 'look', files: [{ id: 'gone', name: 'a' }] }),
    );
    expect((await page.next('refused')).reason).toContain('attach it again');
    expect(router.handled).toEqual([]);
  });

  test("of a node is not the user's to name", async () => {
    await using router = await ConsoleRouter.start();
    using page = await router.openPage();
    const origin = { kind: 'node', nodeId: 'home-pc' } as const;
    const { id } = await router.files.receive(Readable.from([png]), { origin, size: png.length });
    page.socket.send(JSON.stringify({ type: 'say', id: 'page-id-1', text: 'look', files: [{ id, name: 'a' }] }));
    await page.next('refused');
  });
});

describe('on the page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser.close();
  });

  test('a file is chosen, taken out again, chosen, sent, and there after a reload', async () => {
    await using router = await ConsoleRouter.start();
    await using phone = await openPhone(browser, router);
    const { page } = phone;
    const path = join(router.dataDir, 'pixel.png');
    writeFileSync(path, png);
    await page.locator('#files').setInputFiles(path);
    await page.getByRole('button', { name: 'Remove pixel.png' }).click();
    expect(await page.getByRole('button', { name: 'Send', exact: true }).isEnabled()).toBe(false);
    await page.locator('#files').setInputFiles([path]);
    await page.locator('.chip[data-state=there]').waitFor();
    expect(await lowContrast(page)).toEqual([]);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await waitFor(() => router.handled.length === 1);
    expect(router.handled[0]).toMatchObject({ text: '', attachments: [{ kind: 'image', name: 'pixel.png' }] });
    expect(await page.locator('.chip').count()).toBe(0);
    await page
      .getByRole('article', { name: 'You' })
      .getByText('pixel.png')
      .or(page.getByAltText('pixel.png'))
      .waitFor();
    await page.reload();
    await page.getByAltText('pixel.png').waitFor();
    expect(phone.faults).toEqual([]);
  });

  test('an image is shown, another file can be saved, and one that is gone keeps its name', async () => {
    await using router = await ConsoleRouter.start();
    await using phone = await openPhone(browser, router);
    const { page } = phone;
    await show(router, 'pixel.png', png);
    await show(router, 'notes <b>.txt', Buffer.from('milk'));
    const image = `document.querySelector('img[alt="pixel.png"]')`;
    await page.getByAltText('pixel.png').waitFor();
    const width = await page.evaluate(`${image}.decode().then(() => ${image}.naturalWidth)`);
    expect(width).toBe(1);
    const download = page.waitForEvent('download');
    await page.getByText('notes <b>.txt').click();
    expect((await download).suggestedFilename()).toMatch(/^notes .b.\.txt$/);
    expect(phone.faults).toEqual([]);
    await router.removeFiles();
    // Another browser, which has not kept it.
    await using other = await openPhone(browser, router);
    await other.page.getByText('pixel.png').waitFor();
  });
});
