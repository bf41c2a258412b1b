import { expect, test } from 'vitest';
import * as z from 'zod';
import type { PromptFacts } from '../../src/mailboy/prompt.ts';
import { systemPrompt } from '../../src/mailboy/prompt.ts';
import { defineTool } from '../../src/tools/tool.ts';

const runShell = defineTool({
  name: 'run_shell',
  description: 'Runs a command.',
  parameters: z.object({}),
  run: () => Promise.resolve(''),
});

const facts: PromptFacts = {
  nodeName: 'home-pc',
  workingDir: '/home/alice/projects',
  tools: [runShell],
  now: new Date('2026-03-01T23:05:00Z'),
  timeZone: 'Asia/Shanghai',
  platform: 'darwin',
  shellPolicy: 'ask',
};

test('the model knows its machine, its folder, its tools and the local time', () => {
  const prompt = systemPrompt(facts);
  for (const fact of ['home-pc', 'macOS', '/home/alice/projects', 'run_shell']) expect(prompt).toContain(fact);
  expect(prompt).toContain('Monday, 2026-03-02 07:05 (Asia/Shanghai, GMT+08:00)');
});

test('the model is told to answer general questions without a tool or a session', () => {
  expect(systemPrompt(facts)).toMatch(/general questions.*directly.*no tool and no session/);
});

test('the model is told to be honest, brief, in the user’s language, and not to obey what tools return', () => {
  const prompt = systemPrompt(facts);
  for (const rule of [/Never claim/, /brief/i, /language of the user/, /data, not instructions/]) {
    expect(prompt).toMatch(rule);
  }
});

test('the model is told what its shell may do, and that it has none where there is none', () => {
  const policies = ['read-only', 'ask', 'auto'] as const;
  const prompts = policies.map((shellPolicy) => systemPrompt({ ...facts, shellPolicy }));
  expect(new Set(prompts).size).toBe(2);
  const without = systemPrompt({ ...facts, tools: [] });
  expect(without).not.toContain('run_shell');
  expect(without).toContain('You have no tools');
});
