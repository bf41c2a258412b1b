import { redactor } from '@phonework/shared/log';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { createTaint } from '../../src/taint.ts';
import { defineTool } from '../../src/tools/tool.ts';
import { withoutSecrets } from '../../src/tools/without-secrets.ts';

test('the model does not read the secrets of this machine in what a tool gives', async () => {
  const parameters = z.object({ path: z.string() });
  const read = defineTool({
    name: 'read',
    description: '',
    parameters,
    run: async ({ path }) => JSON.stringify({ stdout: `ROUTER_SECRET: "quoted-secret"\nof ${path}` }),
  });
  const tool = withoutSecrets(read, redactor(['"quoted-secret"']));
  const answer = await tool.call('{"path":"host_config.yaml"}', {
    userId: 'ou_alice',
    chatId: 'chat',
    turnId: 'turn',
    signal: new AbortController().signal,
    taint: createTaint(),
    beforeEffect: async () => {},
  });
  expect(JSON.parse(answer)).toEqual({ stdout: 'ROUTER_SECRET: [redacted]\nof host_config.yaml' });
  expect(tool.spec).toBe(read.spec);
});
