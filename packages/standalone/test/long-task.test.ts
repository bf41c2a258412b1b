import { join } from 'node:path';
import { installClaudeStandIn } from '@phonework/testkit/claude-stand-in';
import { startHouse } from '@phonework/testkit/house';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';

test('a long Claude Code task on one of two machines is answered at once, and its end reported over a restart of the router', async () => {
  await using house = await startHouse({ keyring: { NODE_OFFLINE_GRACE_S: 60 } });
  const claude = { CLAUDE_COMMAND: installClaudeStandIn(join(house.folder, 'claude')) };
  const router = await house.startRouter();
  await house.startAnotherNode('home-pc', claude);
  await house.startAnotherNode('work-server', claude);
  house.feishu.say({ openId: 'ou_alice', text: '@work-server /new blog --timeout 120: long 3000' });
  const started = await waitFor(() => house.textsTo('ou_alice').find((text) => text.includes('started')));
  const [, id = ''] = /⏳ Task #([0-9a-z]{6}) started\. I'll notify you when it's done\./.exec(started) ?? [];
  expect(id).not.toBe('');

  house.feishu.say({ openId: 'ou_alice', text: '@work-server /tasks' });
  const listed = await waitFor(() => house.textsTo('ou_alice').find((text) => text.includes('blog: long 3000')));
  expect(listed).toContain(`#${id}`);
  expect(listed).toContain('running');

  await router.kill();
  await house.startRouter();
  const done = await waitFor(() => house.textsTo('ou_alice').find((text) => text.startsWith(`✅ Task #${id} done (`)), {
    what: 'the report',
    timeoutMs: 20_000,
  });
  expect(done).toContain('blog: long 3000');
  expect(house.textsTo('ou_alice').filter((text) => text.includes(`Task #${id} done`))).toHaveLength(1);
});
