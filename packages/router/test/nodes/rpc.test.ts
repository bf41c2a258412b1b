import { join } from 'node:path';
import { Outbox } from '@phonework/shared/mail';
import type { Store } from '@phonework/shared/store';
import { openStore } from '@phonework/shared/store';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import type { NodeParcel } from '../../src/nodes/connection.ts';
import type { NewForward } from '../../src/nodes/rpc.ts';
import { NODE_BOX, Rpc } from '../../src/nodes/rpc.ts';
import { migrations } from '../../src/schema.ts';
import { CapturedLog } from '../fakes/captured-log.ts';
import { TempFolder } from '../fakes/temp-folder.ts';

/** A node's mail over a real store. */
class Mail {
  readonly store: Store;
  readonly rpc: Rpc;
  readonly #folder = new TempFolder();

  constructor(queueTtlMs = 60_000) {
    const { logger } = new CapturedLog();
    this.store = openStore({ path: join(this.#folder.path, 'router.db'), migrations, logger });
    this.rpc = new Rpc(this.store, { outbox: new Outbox<NodeParcel>(this.store, { box: NODE_BOX }), queueTtlMs });
  }

  async forward(text: string, more: Partial<NewForward> = {}): Promise<string> {
    const to = { nodeId: 'home-pc', userId: 'u', channel: 'feishu', chatId: 'c', messageId: 'm' };
    return await this.store.write(() => this.rpc.forward({ ...to, text, ...more }));
  }

  [Symbol.dispose](): void {
    this.store.close();
    this.#folder[Symbol.dispose]();
  }
}

test('a long queue is told of in rounds, each with the right places, and each forward once', async () => {
  using mail = new Mail();
  await mail.forward('for another one', { nodeId: 'work-server' });
  const ids = await Promise.all(Array.from({ length: 250 }, (_, index) => mail.forward(`${index}`)));
  const rounds = [];
  for (let round = 0; round < 4; round += 1) rounds.push(await mail.store.write(() => mail.rpc.takeOffline('home-pc')));
  expect(rounds.map((round) => round.length)).toEqual([100, 100, 50, 0]);
  const told = rounds.flat();
  expect(told.map(({ id }) => id)).toEqual(ids);
  expect(told.map(({ place }) => place)).toEqual(ids.map((_, index) => index + 1));
});

test('a forward that is still in the queue is never slow, and one that was sent is slow once', async () => {
  using mail = new Mail();
  const waiting = await mail.forward('waiting');
  const sent = await mail.forward('sent');
  mail.rpc.sent(sent);
  const takeSlow = (ageMs: number) => mail.store.write(() => mail.rpc.takeSlow(ageMs).map(({ id }) => id));
  expect(await takeSlow(60_000)).toEqual([]);
  expect(await takeSlow(0)).toEqual([sent]);
  expect(await takeSlow(0)).toEqual([]);
  mail.rpc.sent(waiting);
  expect(await takeSlow(0)).toEqual([waiting]);
});

test('what expired is returned once, and is gone for an answer that comes later', async () => {
  using mail = new Mail(-1);
  const id = await mail.forward('too late');
  expect(await mail.store.write(() => mail.rpc.takeExpired())).toMatchObject([{ id, summary: 'too late' }]);
  expect(await mail.store.write(() => mail.rpc.takeExpired())).toEqual([]);
  expect(mail.rpc.size).toBe(0);
  const response = { type: 'forward_response', id, reply: 'done', error: '' } as const;
  expect(await mail.store.write(() => mail.rpc.settle('home-pc', response))).toBeUndefined();
});

test('what was taken back and asked elsewhere is answered by the other node alone', async () => {
  using mail = new Mail();
  const first = await mail.forward('which one?');
  const taken = await mail.store.write(() => mail.rpc.withdraw(first));
  expect(taken).toMatchObject({ text: 'which one?', nodeId: 'home-pc' });
  const second = await mail.forward('which one?', { nodeId: 'work-server' });
  const settle = (nodeId: string, id: string) =>
    mail.store.write(() => mail.rpc.settle(nodeId, { type: 'forward_response', id, reply: 'me', error: '' }));
  expect(await settle('home-pc', first)).toBeUndefined();
  expect(await settle('home-pc', second)).toBeUndefined();
  expect(await settle('work-server', first)).toBeUndefined();
  expect(await settle('work-server', second)).toMatchObject({ id: second, nodeId: 'work-server' });
  expect(await settle('work-server', second)).toBeUndefined();
});

test('what a node was sent can not be taken back any more, and its answer counts', async () => {
  using mail = new Mail();
  const id = await mail.forward('too late');
  mail.rpc.sent(id);
  expect(await mail.store.write(() => mail.rpc.withdraw(id))).toBeUndefined();
  const response = { type: 'forward_response', id, reply: 'done', error: '' } as const;
  expect(await mail.store.write(() => mail.rpc.settle('home-pc', response))).toMatchObject({ id });
});

test('a summary is the first line, cut at 60 characters and never inside one', async () => {
  using mail = new Mail(-1);
  for (const text of ['  short \nmore', 'x'.repeat(60), 'x'.repeat(61), '🐛'.repeat(61), `a${'🐛'.repeat(500)}`]) {
    await mail.forward(text);
  }
  const summaries = (await mail.store.write(() => mail.rpc.takeExpired())).map(({ summary }) => summary);
  expect(summaries).toEqual([
    'short',
    'x'.repeat(60),
    `${'x'.repeat(59)}…`,
    `${'🐛'.repeat(59)}…`,
    `a${'🐛'.repeat(58)}…`,
  ]);
});

test('when a forward was sent stands in its row a moment later, or when it is asked for', async () => {
  using mail = new Mail();
  const rows = () => mail.store.prepare('SELECT id FROM forwards WHERE sent_at IS NOT NULL').all();
  const id = await mail.forward('slow');
  mail.rpc.sent(id);
  await waitFor(() => rows().length === 1);
  mail.rpc.sent(await mail.forward('just sent'));
  mail.rpc.noteSendTimes();
  mail.store.flush();
  expect(rows()).toHaveLength(2);
});

test('what was sent a moment ago is not taken back, and what is answered at once was not taken back', async () => {
  using mail = new Mail();
  const id = await mail.forward('quick');
  mail.rpc.sent(id);
  expect(mail.rpc.isWaiting(id)).toBe(false);
  expect(await mail.store.write(() => mail.rpc.withdraw(id))).toBeUndefined();
  await mail.store.write(() => mail.rpc.markRecalled(id));
  const response = { type: 'forward_response', id, reply: 'done', error: '' } as const;
  expect(await mail.store.write(() => mail.rpc.settle('work-server', response))).toBeUndefined();
  expect(await mail.store.write(() => mail.rpc.settle('home-pc', response))).toMatchObject({ id, isRecalled: true });
  expect(await mail.store.write(() => mail.rpc.settle('home-pc', response))).toBeUndefined();
});

test('an answer that could not be stored leaves its forward as it was: sent, and when', async () => {
  using mail = new Mail();
  const id = await mail.forward('quick');
  const before = Date.now();
  mail.rpc.sent(id);
  const response = { type: 'forward_response', id, reply: 'done', error: '' } as const;
  const settle = (bug?: Error) =>
    mail.store.write(() => {
      const forward = mail.rpc.settle('home-pc', response);
      if (bug !== undefined) throw bug;
      return forward;
    });
  await expect(settle(new Error('a bug'))).rejects.toThrow('a bug');
  expect(mail.rpc.isWaiting(id)).toBe(false);
  const [settled] = await Promise.allSettled([settle(), settle(new Error('another bug'))]);
  expect(settled).toMatchObject({ value: { id, startedAt: expect.closeTo(before, -2) } });
});
