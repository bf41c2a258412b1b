import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installClaudeStandIn, standInJournal } from '@phonework/testkit/claude-stand-in';
import { waitFor } from '@phonework/testkit/wait';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ClaudeHouse } from './claude/claude-house.ts';
import { Terminal } from './claude/terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'phonework-claude-'));
/** Where what runs in a terminal writes down its folder and its arguments. */
const log = join(folder, 'terminals');
let house: ClaudeHouse;

beforeAll(async () => {
  house = await ClaudeHouse.start({ command: installWithTerminal() });
  const alice = house.phone();
  await alice.asks('/new demo: remember the milk', 'I will remember.');
  await alice.asks('/direct', 'straight to demo');
}, 90_000);

afterAll(async () => {
  await house[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

test('a session is given to a terminal: its messages wait, and come when it is closed there', async () => {
  const alice = house.phone();
  const terminal = new Terminal(house, 'demo');
  await alice.hears('🖥 demo is open in a terminal on home-pc now.');
  await waitFor(() => terminals().length === 1, { what: 'Claude Code to be there' });
  const args = standInJournal(folder)[0]?.args ?? [];
  const conversation = args[args.indexOf('--session-id') + 1];
  expect(terminals()).toEqual([`${house.projectFolder('demo')} --resume ${conversation}`]);
  await alice.asks('what did I ask you before?', 'Your message waits until it is closed there.');
  await alice.asks('/sessions', 'in a terminal');
  expect(await terminal.leave()).toBe(0);
  expect(terminal.output).toContain('The chat has the session again.');
  await alice.hears('📱 demo was closed in the terminal');
  await alice.hears('- remember the milk');
});

test('a terminal gets a session only when its turn is over', async () => {
  const alice = house.phone();
  alice.say('silent 60000');
  await waitFor(() => standInJournal(folder).some(({ received }) => received.join().includes('silent 60000')));
  const terminal = new Terminal(house, 'demo');
  await waitFor(() => terminal.output.includes('demo is working'), { what: 'the terminal to be told' });
  alice.say('/stop');
  await alice.hears('🖥 demo');
  await terminal.leave();
  await alice.hears('📱 demo');
});

test('a terminal that is killed gives the session back', async () => {
  const alice = house.phone();
  const before = terminals().length;
  const terminal = new Terminal(house, 'demo');
  await alice.hears('🖥 demo');
  await waitFor(() => terminals().length > before, { what: 'Claude Code to be there' });
  await terminal.kill();
  await alice.hears('📱 demo');
  await house.isEmpty();
  await alice.asks('say hello', 'hello');
});

test('who asks for a session that there is not is told which there are', async () => {
  const terminal = new Terminal(house, 'nothing');
  await waitFor(() => terminal.output.includes('There are: demo.'));
  expect(await terminal.leave()).not.toBe(0);
});

/** The stand-in, with something in the place of its screen that stays until nobody is at the keyboard any more. */
function installWithTerminal(): string {
  const standIn = installClaudeStandIn(folder);
  const path = join(folder, 'claude-with-terminal');
  const terminal = `echo "$PWD $*" >> '${log}'; exec cat`;
  writeFileSync(path, `#!/bin/sh\nif [ "$1" = --resume ]; then ${terminal}; fi\nexec '${standIn}' "$@"\n`, {
    mode: 0o755,
  });
  return path;
}

function terminals(): readonly string[] {
  return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : [];
}
