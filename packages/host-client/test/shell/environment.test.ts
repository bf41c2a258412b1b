import { expect, test } from 'vitest';
import { childEnvironment, readOnlyEnvironment } from '../../src/shell/environment.ts';

test('commands get what programs need, and nothing else of ours', () => {
  const child = childEnvironment({
    PATH: '/usr/bin:/bin',
    HOME: '/home/me',
    LC_ALL: 'C.UTF-8',
    SSH_AUTH_SOCK: '/run/agent',
    TERM: 'xterm-256color',
    ROUTER_SECRET: 'hush',
    OPENAI_API_KEY: 'hush',
    NODE_OPTIONS: '--require ./evil.js',
    LD_PRELOAD: './evil.so',
    BASH_ENV: './evil.sh',
    LC_X: undefined,
  });
  expect(child).toEqual({
    PATH: '/usr/bin:/bin',
    HOME: '/home/me',
    LC_ALL: 'C.UTF-8',
    SSH_AUTH_SOCK: '/run/agent',
    TERM: 'dumb',
  });
});

test('programs are not looked up in the current folder', () => {
  expect(childEnvironment({ PATH: '.:/usr/bin::node_modules/.bin:/bin' }).PATH).toBe('/usr/bin:/bin');
  expect(childEnvironment({}).PATH).toContain('/bin');
});

test('a reading git is told to run nothing that a repository names', () => {
  const guarded = readOnlyEnvironment({ PATH: '/bin' });
  expect(guarded).toMatchObject({ PATH: '/bin', GIT_PAGER: 'cat', GIT_OPTIONAL_LOCKS: '0' });
  const count = Number(guarded.GIT_CONFIG_COUNT);
  const pairs = Array.from({ length: count }, (_, at) => [
    guarded[`GIT_CONFIG_KEY_${at}`],
    guarded[`GIT_CONFIG_VALUE_${at}`],
  ]);
  expect(pairs).toContainEqual(['core.fsmonitor', 'false']);
});
