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
  sessions: [],
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
  expect(new Set(prompts).size).toBe(3);
  const without = systemPrompt({ ...facts, tools: [] });
  expect(without).not.toContain('run_shell');
  expect(without).toContain('You have no tools');
});

test('the model knows the user’s sessions when it can use them', () => {
  const named = (name: string) =>
    defineTool({ name, description: '', parameters: z.object({}), run: () => Promise.resolve('') });
  const tools = [runShell, named('create_session')];
  expect(systemPrompt({ ...facts, tools })).toContain('No session is open now.');
  const session = { id: 'abc123', name: 'blog', folder: '/home/alice/projects/blog', state: 'idle', isActive: true };
  const prompt = systemPrompt({ ...facts, tools, sessions: [session] });
  expect(prompt).toContain('abc123 blog (active): /home/alice/projects/blog, idle');
});

test('the model is told that web search is off, and what turns it on, only where that is so', () => {
  expect(systemPrompt(facts)).toContain('METASO_API_KEY');
  const web = defineTool({ name: 'web', description: '', parameters: z.object({}), run: () => Promise.resolve('') });
  expect(systemPrompt({ ...facts, tools: [web] })).not.toContain('METASO_API_KEY');
});
