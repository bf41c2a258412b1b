import { registerHooks } from 'node:module';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { ModelServer } from '../../../testkit/src/model-server.ts';
import { waitFor } from '../../../testkit/src/wait.ts';
import { openaiChatModel } from '../../src/llm/openai.ts';

test('what the first call needs can be loaded before it', async () => {
  const loaded: string[] = [];
  const hooks = registerHooks({
    load: (url, context, next) => {
      if (url.includes('/node_modules/openai/')) loaded.push(url);
      return next(url, context);
    },
  });
  await using server = await ModelServer.start();
  const logger = pino({ level: 'silent' });
  const model = openaiChatModel({ baseUrl: server.url, apiKey: 'key', model: 'glm-4.7', logger });
  expect(loaded).toEqual([]);
  model.preload();
  await waitFor(() => loaded.some((url) => url.includes('completions')));
  expect(server.requests).toEqual([]);
  server.enqueue('hello');
  expect(await model.complete({ messages: [{ role: 'user', content: 'hi' }] })).toMatchObject({ text: 'hello' });
  hooks.deregister();
});
