import { decodeNodeFrame, encode, MAX_SESSIONS } from '@phonework/shared/protocol';
import { expect, test } from 'vitest';
import { toStatus } from '../../src/host/registration.ts';
import { SessionNode } from '../fakes/session-node.ts';

test('a node with more sessions than it may tell of tells of those that were used last', async () => {
  await using node = await SessionNode.open();
  await node.session('app');
  const { store } = node.disk;
  await store.write(() => {
    store
      .prepare(
        `WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < ?)
         INSERT INTO sessions (id, user_id, chat_id, name, cwd, conversation_id, mode, created_at, last_used_at)
         SELECT 's' || number, user_id, chat_id, 'app ' || number, cwd, conversation_id || number, mode, number, number
         FROM sessions, numbers`,
      )
      .run(MAX_SESSIONS + 5);
  });
  const status = toStatus(node.room.manager, 0);
  expect(decodeNodeFrame(encode(status))).toEqual(status);
  expect(status.sessions).toHaveLength(MAX_SESSIONS);
  expect(status.sessions.slice(0, 2).map(({ name }) => name)).toEqual(['app', `app ${MAX_SESSIONS + 5}`]);
});
