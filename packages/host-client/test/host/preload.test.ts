import { registerHooks } from 'node:module';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { WholeNode } from '../fakes/whole-node.ts';

test('a node that is registered has loaded what its model needs before anybody asks', async () => {
  const loaded: string[] = [];
  const hooks = registerHooks({
    load: (url, context, next) => {
      if (url.includes('/node_modules/openai/')) loaded.push(url);
      return next(url, context);
    },
  });
  await using node = await WholeNode.start();
  await node.frame('status');
  await waitFor(() => loaded.some((url) => url.includes('completions')));
  expect(node.model.requests).toEqual([]);
  hooks.deregister();
});
