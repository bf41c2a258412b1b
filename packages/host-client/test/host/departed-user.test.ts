import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { inLanguage } from '@phonework/shared/language';
import { createLogger } from '@phonework/shared/log';
import { Inbox, Outbox } from '@phonework/shared/mail';
import type { ForwardRequest } from '@phonework/shared/protocol';
import { openStore } from '@phonework/shared/store';
import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import type { Host, HostOptions } from '../../src/host.ts';
import { createHost } from '../../src/host.ts';
import type { RouterParcel } from '../../src/link/node-client.ts';
import { migrations } from '../../src/schema.ts';
import { turnTexts } from '../../src/sessions/turn-texts.ts';
import { texts } from '../../src/texts.ts';
import { FakeRunner } from '../fakes/fake-runner.ts';
import { recordingLogger } from '../fakes/recording-logger.ts';
import { SessionNode } from '../fakes/session-node.ts';

const logger = await createLogger({ name: 'test', level: 'silent', secrets: [], terminal: false });

/** The node starts again as it was left, and serves Bob alone. */
function startedForBob(node: SessionNode, parts: Pick<HostOptions, 'logger' | 'runner'>): Host {
  const { dataDir } = node.config;
  for (const file of ['node.db', 'node.db-wal']) cpSync(join(node.disk.folder, file), join(dataDir, file));
  return createHost(
    { ...node.config, servesUsers: ['bob'], shellPolicy: 'auto' },
    {
      journey: () => {},
      version: '1.2.3',
      environment: { PATH: process.env.PATH },
      redact: (text) => text,
      ...parts,
    },
  );
}

/** What the node has said, once it is stopped. */
function said(node: SessionNode): readonly RouterParcel[] {
  using store = openStore({ path: join(node.config.dataDir, 'node.db'), migrations, logger });
  const parcels: RouterParcel[] = [];
  new Outbox<RouterParcel>(store, { box: 'router' }).attach('router', ({ body }) => parcels.push(body), {
    window: 100,
  });
  return parcels;
}

function touch(node: SessionNode, name: string): string {
  return `touch ${join(node.workingDir, name)}`;
}

describe('what a user left who is not served any more', () => {
  test('is not run: a message, a message to a session, a task, a reminder to a session', async () => {
    await using node = await SessionNode.open();
    const { store } = node.disk;
    const to = { userId: 'alice', chatId: 'chat of alice' };
    const session = await node.session();
    node.runner.startsAfter = new Promise(() => {});
    const inbox = new Inbox<ForwardRequest>(store, { box: 'router' });
    const forwards = [
      { id: 'm1', user_id: 'alice', text: `/shell ${touch(node, 'by-message')}` },
      { id: 'm2', user_id: 'bob', text: `/shell ${touch(node, 'by-bob')}` },
    ].map((forward): ForwardRequest => ({ type: 'forward', chat_id: `chat of ${forward.user_id}`, ...forward }));
    await store.write(() => {
      for (const body of forwards) inbox.add({ id: body.id, lane: body.user_id, body });
      node.taskRoom.tasks.begin({
        ...to,
        description: 'a task',
        subject: { kind: 'shell', command: touch(node, 'by-task'), cwd: node.workingDir, readsOnly: false },
      });
      node.taskRoom.scheduler.add({ ...to, message: 'by a reminder', sessionId: session.id, at: Date.now() + 50 });
    });
    await node.tell(session, 'm3');
    await waitFor(() => node.runner.asked.length === 1);
    const runner = new FakeRunner();
    const { logger: told, entries } = await recordingLogger();
    const host = startedForBob(node, { runner, logger: told });
    await host.start();
    await waitFor(() => existsSync(join(node.workingDir, 'by-bob')));
    await waitFor(() => entries.some(({ text }) => text.startsWith('a reminder was due whose user')));
    await host.stop();
    expect(runner.asked).toEqual([]);
    expect(['by-message', 'by-task'].filter((name) => existsSync(join(node.workingDir, name)))).toEqual([]);
    const answers = said(node).flatMap((frame) => (frame.type === 'forward_response' ? [[frame.id, frame.reply]] : []));
    expect(Object.fromEntries(answers)).toMatchObject({
      m1: texts.notServed('home-pc').en,
      m3: inLanguage(turnTexts.notRun, 'en'),
    });
  });
});
