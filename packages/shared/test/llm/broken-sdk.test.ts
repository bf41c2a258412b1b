import { registerHooks } from 'node:module';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { waitFor } from '../../../testkit/src/wait.ts';
import { openaiChatModel } from '../../src/llm/openai.ts';

// In a file of its own: what could not be loaded is not tried again in a process.
test('an SDK that can not be loaded ends nothing, and a call tells of it', async () => {
  let asked = 0;
  const hooks = registerHooks({
    load: (url, context, next) => {
      if (!url.includes('/node_modules/openai/')) return next(url, context);
      asked += 1;
      throw new Error('the disk is broken');
    },
  });
  const logger = pino({ level: 'silent' });
  const model = openaiChatModel({ baseUrl: 'http://127.0.0.1:9/', apiKey: 'key', model: 'glm-4.7', logger });
  model.preload();
  model.preload();
  await waitFor(() => asked > 0);
  await expect(model.complete({ messages: [] })).rejects.toThrow('the disk is broken');
  hooks.deregister();
  expect(asked).toBe(1);
});
