import { registerHooks } from 'node:module';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { TestRouter } from './fakes/test-router.ts';

test('a router with a node to choose has loaded what its model needs before anybody asks, and not at its start', async () => {
  const loaded: string[] = [];
  const hooks = registerHooks({
    load: (url, context, next) => {
      if (url.includes('/node_modules/openai/')) loaded.push(url);
      return next(url, context);
    },
  });
  const model = { baseUrl: 'http://127.0.0.1:9/', apiKey: 'key', model: 'm' };
  await using router = await TestRouter.start({ config: { model } });
  await router.health();
  expect(loaded).toEqual([]);
  using _node = await router.connectNode();
  await waitFor(() => loaded.some((url) => url.includes('completions')));
  hooks.deregister();
});
