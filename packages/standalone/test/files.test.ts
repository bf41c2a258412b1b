import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { FeishuMessage, Upload } from '@phonework/testkit/feishu-server';
import type { House } from '@phonework/testkit/house';
import { startHouse } from '@phonework/testkit/house';
import { RawNode } from '@phonework/testkit/raw-node';
import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';

const keyring = { NODE_OFFLINE_GRACE_S: 60 };
const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), randomBytes(2000)]);

describe('a file from the machine', () => {
  test('arrives byte for byte, before what is said after it', async () => {
    await using house = await startHouse({ keyring });
    await house.start();
    const notes = randomBytes(200_000);
    writeFileSync(join(house.workingDir, 'notes.txt'), notes);
    sends(house, 'notes.txt');
    house.feishu.say({ openId: 'ou_alice', text: 'send me notes.txt' });
    const messages = await untilSaid(house, 2);
    expect(messages.map(({ messageType, text }) => [messageType, text])).toEqual([
      ['file', ''],
      ['text', 'There it is.'],
    ]);
    expect(shown(house)).toMatchObject([{ kind: 'file', name: 'notes.txt' }]);
    expect(shown(house)[0]?.bytes.equals(notes)).toBe(true);
    await waitFor(() => readdirSync(join(house.folder, 'node-data/outgoing')).length === 0, {
      what: 'the copy to be removed',
    });
  });

  test('that is an image is shown as one, whatever its name says', async () => {
    await using house = await startHouse({ keyring });
    await house.start();
    writeFileSync(join(house.workingDir, 'shot'), png);
    sends(house, 'shot');
    house.feishu.say({ openId: 'ou_alice', text: 'show me the screenshot' });
    const [message] = await untilSaid(house, 1);
    expect(message?.messageType).toBe('image');
    expect(shown(house)).toMatchObject([{ kind: 'image', bytes: png }]);
  });

  test('that is a folder comes as a tar.gz of what is in it', async () => {
    await using house = await startHouse({ keyring });
    await house.start();
    await mkdir(join(house.workingDir, 'logs'));
    writeFileSync(join(house.workingDir, 'logs/today.log'), 'all is well\n');
    sends(house, 'logs');
    house.feishu.say({ openId: 'ou_alice', text: 'send me the logs' });
    await untilSaid(house, 2);
    const [archive] = shown(house);
    expect(archive?.name).toBe('logs.tar.gz');
    expect(gunzipSync(archive?.bytes ?? Buffer.alloc(0)).toString()).toContain('all is well\n');
  });

  test('of 31 MB is refused in a sentence that names its size, and nothing is sent', async () => {
    await using house = await startHouse({ keyring });
    await house.start();
    writeFileSync(join(house.workingDir, 'huge.bin'), Buffer.alloc(31 * 1024 * 1024));
    sends(house, 'huge.bin');
    house.feishu.say({ openId: 'ou_alice', text: 'send me huge.bin' });
    await untilSaid(house, 1);
    const told = house.model.requests.at(-1)?.body.messages.at(-1)?.content;
    expect(told).toContain('huge.bin has 31 MB');
    expect(told).toContain('30 MB');
    expect(house.feishu.uploads).toEqual([]);
  });

  test('that Feishu refuses is told with the reason', async () => {
    await using house = await startHouse({ keyring });
    await house.start();
    writeFileSync(join(house.workingDir, 'notes.txt'), 'hello');
    house.feishu.fail({ method: 'POST', path: '/im/v1/files', effect: { kind: 'answer', status: 400, code: 234006 } });
    sends(house, 'notes.txt');
    house.feishu.say({ openId: 'ou_alice', text: 'send me notes.txt' });
    await untilSaid(house, 2);
    expect(house.textsTo('ou_alice')).toContain(
      '"notes.txt" could not be shown here: The file is too large for Feishu.',
    );
  });

  test('arrives once although Feishu cuts the upload and answers the send with 500', async () => {
    await using house = await startHouse({ keyring });
    await house.start();
    writeFileSync(join(house.workingDir, 'notes.txt'), 'hello');
    house.feishu.fail({ method: 'POST', path: '/im/v1/files', effect: { kind: 'cut' } });
    house.feishu.fail({
      method: 'POST',
      path: '/im/v1/messages',
      effect: { kind: 'answer', status: 500, perform: true },
    });
    sends(house, 'notes.txt');
    house.feishu.say({ openId: 'ou_alice', text: 'send me notes.txt' });
    await untilSaid(house, 2);
    await waitFor(async () => (await house.health())?.queue?.outbox === 0, { what: 'the outbox to be empty' });
    expect(shown(house).map(({ bytes }) => bytes.toString())).toEqual(['hello']);
    // What was uploaded is used again: only the send has to be repeated.
    expect(house.feishu.calls.filter(({ path, status }) => path === '/im/v1/files' && status === 200)).toHaveLength(1);
  });

  test('arrives exactly once when its node is killed between the announcement and the ack', async () => {
    await using house = await startHouse({ keyring });
    await house.startRouter();
    // The first thing that the node has to say to the router is the file.
    const node = await house.startNode({ PHONEWORK_KILL_AT: 'response.sent' });
    await house.connected();
    writeFileSync(join(house.workingDir, 'notes.txt'), 'hello');
    sends(house, 'notes.txt');
    house.feishu.say({ openId: 'ou_alice', text: 'send me notes.txt' });
    expect((await node.ended()).signal).toBe('SIGKILL');
    await house.startNode();
    await untilSaid(house, 2);
    await untilQuiet(house);
    expect(shown(house).map(({ bytes }) => bytes.toString())).toEqual(['hello']);
    expect(house.textsTo('ou_alice').join()).toContain('interrupted');
  });

  test('arrives exactly once when the router is killed right after it has stored the announcement', async () => {
    await using house = await startHouse({ keyring });
    const router = await house.startRouter({ PHONEWORK_KILL_AT: 'reply.stored' });
    await house.startNode();
    await house.connected();
    writeFileSync(join(house.workingDir, 'notes.txt'), 'hello');
    sends(house, 'notes.txt');
    house.feishu.say({ openId: 'ou_alice', text: 'send me notes.txt' });
    expect((await router.ended()).signal).toBe('SIGKILL');
    await house.startRouter();
    await untilSaid(house, 2);
    await untilQuiet(house);
    expect(shown(house).map(({ bytes }) => bytes.toString())).toEqual(['hello']);
  });

  test('that the router got before it was killed is shown when it is announced afterwards', async () => {
    await using house = await startHouse({ keyring });
    const router = await house.startRouter();
    using first = await RawNode.connect(house);
    const chatId = house.feishu.chatOf('ou_alice');
    house.feishu.say({ openId: 'ou_alice', text: 'hello' });
    await first.got('forward');
    const bytes = randomBytes(50_000);
    const id = randomUUID();
    expect((await put(house, id, bytes)).status).toBe(201);
    await router.kill();
    await house.startRouter();
    using second = await RawNode.connect(house);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const announcement = {
      type: 'file',
      id,
      user_id: 'ou_alice',
      chat_id: chatId,
      name: 'a.bin',
      size: 50_000,
      sha256,
    };
    second.send(announcement, announcement);
    await untilSaid(house, 1);
    await untilOutboxEmpty(house);
    expect(shown(house).map((upload) => upload.bytes.equals(bytes))).toEqual([true]);
  });
});

test('router and node with one data folder pass files both ways', async () => {
  await using house = await startHouse({ standalone: true });
  await house.start();
  writeFileSync(join(house.workingDir, 'notes.txt'), 'hello');
  sends(house, 'notes.txt');
  house.feishu.sendFile({ openId: 'ou_alice', kind: 'image', name: '', bytes: png });
  await untilSaid(house, 2);
  expect(shown(house).map(({ bytes }) => bytes.toString())).toEqual(['hello']);
  const [, path = ''] = /at (\/.+)\]/.exec(house.model.requests[0]?.body.messages.at(-1)?.content ?? '') ?? [];
  expect(readFileSync(path).equals(png)).toBe(true);
});

describe('a file from the chat', () => {
  test('lands on the machine, and the model is told where', async () => {
    await using house = await startHouse({ keyring });
    await house.start();
    house.model.answerWith(() => 'A picture.');
    house.feishu.sendFile({ openId: 'ou_alice', kind: 'image', name: '', bytes: png });
    await untilSaid(house, 1);
    const asked = house.model.requests.at(-1)?.body.messages.at(-1)?.content ?? '';
    const [, path = ''] = /\[Attached: image\.png \(2\.0 KB\) at (.+)\]/.exec(asked) ?? [];
    expect(path.startsWith(join(house.folder, 'node-data/files/'))).toBe(true);
    expect(readFileSync(path).equals(png)).toBe(true);
    expect(statSync(path).mode & 0o077).toBe(0);
    expect(asked).toContain('without a word');
  });

  test('is in reach of the tools that read files', async () => {
    await using house = await startHouse({ keyring });
    await house.start();
    house.model.answerWith(({ body }) => {
      const last = body.messages.at(-1);
      const [, path] = /at (\/.+)\]/.exec(last?.content ?? '') ?? [];
      if (last?.role !== 'user') return 'Read.';
      return { toolCalls: [{ name: 'file_ops', arguments: { action: 'read', path } }] };
    });
    const bytes = Buffer.from('milk, bread\n');
    house.feishu.sendFile({ openId: 'ou_alice', kind: 'file', name: '../../shopping list.txt', bytes });
    await untilSaid(house, 1);
    expect(house.model.requests.at(-1)?.body.messages.at(-1)?.content).toContain('milk, bread');
  });

  test('is fetched once more by a router that was killed before it had it', async () => {
    await using house = await startHouse({ keyring, feishu: { ackTimeoutMs: 500, redeliverAfterMs: [300, 300] } });
    const router = await house.startRouter();
    await house.startNode();
    await house.connected();
    house.model.answerWith(() => 'Got it.');
    house.feishu.fail({ method: 'GET', path: /resources/, effect: { kind: 'hang' } });
    house.feishu.sendFile({ openId: 'ou_alice', kind: 'file', name: 'a.txt', bytes: Buffer.from('hello') });
    await waitFor(() => house.feishu.calls.some(({ path }) => path.includes('/resources/')), { what: 'the download' });
    await router.kill();
    await house.startRouter();
    await untilSaid(house, 1);
    await untilQuiet(house);
    expect(house.textsTo('ou_alice')).toEqual(['Got it.']);
    expect(house.model.requests.at(-1)?.body.messages.at(-1)?.content).toContain('[Attached: a.txt (5 bytes) at ');
  });

  test('keeps its place before the words that follow it', async () => {
    await using house = await startHouse({ keyring });
    await house.start();
    house.model.answerWith(({ body }) => `re: ${body.messages.at(-1)?.content?.split('\n')[0]}`);
    house.feishu.fail({ method: 'GET', path: /resources/, effect: { kind: 'slow', ms: 400 } });
    house.feishu.sendFile({ openId: 'ou_alice', kind: 'audio', name: '', bytes: Buffer.from('opus') });
    house.feishu.say({ openId: 'ou_alice', text: 'what did I say?' });
    house.feishu.say({ openId: 'ou_alice', text: '/nodes' });
    await untilSaid(house, 3);
    const [nodes, voice, words] = house.textsTo('ou_alice');
    expect(nodes).toContain('Connected Nodes');
    expect(voice).toMatch(/^re: \[Attached: voice\.opus, an audio file/);
    expect(words).toBe('re: what did I say?');
  });

  test('over 30 MB is refused in a sentence, and the machine hears nothing of it', async () => {
    await using house = await startHouse({ keyring });
    await house.start();
    const bytes = Buffer.alloc(31 * 1024 * 1024);
    house.feishu.sendFile({ openId: 'ou_alice', kind: 'file', name: 'huge.bin', bytes });
    await untilSaid(house, 1);
    expect(house.textsTo('ou_alice')[0]).toContain('"huge.bin" is larger than 30 MB');
    expect(house.model.requests).toEqual([]);
  });

  test('of a stranger is not downloaded', async () => {
    await using house = await startHouse({ keyring });
    await house.start();
    house.feishu.sendFile({ openId: 'ou_mallory', kind: 'image', name: '', bytes: png });
    await waitFor(() => house.textsTo('ou_mallory').length > 0, { what: 'the refusal' });
    expect(house.textsTo('ou_mallory')[0]).toContain('Not allowed');
    expect(house.feishu.calls.some(({ path }) => path.includes('/resources/'))).toBe(false);
    expect(existsSync(join(house.folder, 'data/passing'))).toBe(false);
  });

  test('can be fetched by the node that it went to, and by no other', async () => {
    await using house = await startHouse({ keyring });
    await house.startRouter();
    using node = await RawNode.connect(house);
    await waitFor(async () => (await house.health())?.feishu?.state === 'connected', { what: 'Feishu' });
    house.feishu.sendFile({ openId: 'ou_alice', kind: 'file', name: 'a.txt', bytes: Buffer.from('hello') });
    const { attachments } = await node.got('forward');
    const [attachment] = attachments ?? [];
    expect(attachment).toMatchObject({ kind: 'file', name: 'a.txt', size: 5 });
    const fetched = await get(house, attachment?.id ?? '', 'raw-node');
    expect(await fetched.text()).toBe('hello');
    expect((await get(house, attachment?.id ?? '', 'another-node')).status).toBe(404);
    expect((await get(house, randomUUID(), 'raw-node')).status).toBe(404);
  });
});

/** The model sends this file when it is asked, and then says so. */
function sends(house: House, path: string): void {
  house.model.answerWith(({ body }) =>
    body.messages.at(-1)?.role === 'user'
      ? { toolCalls: [{ name: 'file_ops', arguments: { action: 'send', path } }] }
      : 'There it is.',
  );
}

async function untilSaid(house: House, count: number): Promise<readonly FeishuMessage[]> {
  return await waitFor(
    () => {
      const said = house.saidTo('ou_alice');
      return said.length >= count && said;
    },
    { what: `${count} messages`, timeoutMs: 15_000 },
  );
}

/** The files that Alice sees, in order. */
function shown(house: House): Upload[] {
  return house.feishu.messagesIn(house.feishu.chatOf('ou_alice')).flatMap(({ sender, messageType, content }) => {
    if (sender !== 'bot' || !['file', 'image'].includes(messageType)) return [];
    const keys = Object.values(JSON.parse(content));
    return house.feishu.uploads.filter(({ key }) => keys.includes(key));
  });
}

async function untilOutboxEmpty(house: House): Promise<void> {
  await waitFor(async () => (await house.health())?.queue?.outbox === 0, { what: 'the outbox to be empty' });
}

async function untilQuiet(house: House): Promise<void> {
  await waitFor(
    async () => {
      const queue = (await house.health())?.queue;
      return queue?.inbox === 0 && queue.outbox === 0;
    },
    { what: 'every queue to be empty', timeoutMs: 15_000 },
  );
}

async function put(house: House, id: string, bytes: Buffer): Promise<Response> {
  const headers = { authorization: `Bearer ${house.secret}`, 'x-node-id': 'raw-node' };
  return await fetch(`${house.url}/node/files/${id}`, { method: 'PUT', headers, body: new Uint8Array(bytes) });
}

async function get(house: House, id: string, nodeId: string): Promise<Response> {
  const headers = { authorization: `Bearer ${house.secret}`, 'x-node-id': nodeId };
  return await fetch(`${house.url}/node/files/${id}`, { headers });
}
