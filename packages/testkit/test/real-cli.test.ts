import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RealClaudeError, realClaude } from '../src/claude/real-cli.ts';
import { VERSION } from '../src/claude/version.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'phonework-real-cli-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** An npm that writes down how it was called, and does what `script` says. */
function environmentWithNpm(script: string): NodeJS.ProcessEnv {
  const lines = ['#!/bin/sh', `echo "$@" >> '${join(folder, 'calls')}'`, `env >> '${join(folder, 'environment')}'`];
  writeFileSync(join(folder, 'npm'), [...lines, script, ''].join('\n'), { mode: 0o755 });
  return { PATH: `${folder}:/usr/bin:/bin`, HOME: folder, XDG_CACHE_HOME: join(folder, 'cache') };
}

const installs = 'p="$3/node_modules/@anthropic-ai/claude-code-linux-x64"; mkdir -p "$p"; echo real > "$p/claude"';

test('it is fetched once, in the pinned version', async () => {
  const environment = environmentWithNpm(installs);
  const path = await realClaude(environment);
  expect(readFileSync(path, 'utf8')).toBe('real\n');
  expect(path).toContain(join('cache', 'phonework', 'claude-code', VERSION));
  expect(await realClaude(environment)).toBe(path);
  const calls = readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
  expect(calls).toHaveLength(1);
  expect(calls[0]).toContain(`@anthropic-ai/claude-code@${VERSION}`);
});

test('two that fetch it at the same time both get it', async () => {
  const environment = environmentWithNpm(installs);
  const [one, other] = await Promise.all([realClaude(environment), realClaude(environment)]);
  expect(one).toBe(other);
  expect(existsSync(one)).toBe(true);
  expect(readdirSync(join(folder, 'cache', 'phonework', 'claude-code'))).toEqual([VERSION]);
});

test('settings that a package manager hands to its scripts do not reach npm', async () => {
  const environment = environmentWithNpm(installs);
  await realClaude({
    ...environment,
    npm_config_verify_deps_before_run: 'install',
    npm_config_prefix: '/nowhere',
    npm_config_registry: 'http://127.0.0.1:1/',
  });
  const seen = readFileSync(join(folder, 'environment'), 'utf8');
  expect(seen).not.toContain('verify_deps');
  expect(seen).not.toContain('npm_config_prefix');
  expect(seen).toContain('npm_config_registry=http://127.0.0.1:1/');
});

test('a registry that does not answer is told in a sentence, and leaves nothing half done', async () => {
  const failure = await realClaude(environmentWithNpm('exit 1')).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(RealClaudeError);
  expect(failure).toMatchObject({ code: 'not_fetched', message: expect.stringContaining('PHONEWORK_CLAUDE') });
  expect(readdirSync(join(folder, 'cache', 'phonework', 'claude-code'))).toEqual([]);
});

test('PHONEWORK_CLAUDE names another one, which must be there', async () => {
  const path = join(folder, 'my-claude');
  await expect(realClaude({ PHONEWORK_CLAUDE: path })).rejects.toMatchObject({ code: 'missing' });
  writeFileSync(path, '');
  expect(await realClaude({ PHONEWORK_CLAUDE: path })).toBe(path);
});
