import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MessagesApi } from '@phonework/testkit/messages-api';
import { quietEnvironment } from '@phonework/testkit/real-claude';
import { expect, test } from 'vitest';
import type { ClaudeHouse } from './claude/claude-house.ts';
import { startRealHouse } from './claude/real-house.ts';
import { Screen } from './claude/screen.ts';
import { scriptedClaude } from './claude/scripted-claude.ts';

const entry = fileURLToPath(new URL('../src/main.ts', import.meta.url));

test('a session goes on in a terminal, with all that was said, and then in the chat again', async () => {
  await using api = await MessagesApi.start({ brain: scriptedClaude });
  await using house = await startRealHouse(api);
  const alice = house.phone();
  await alice.asks('/new demo: remember the milk', 'You said: remember the milk');
  await alice.asks('/direct', 'straight to demo');
  const environment = quietEnvironment(api.url);
  skipFirstQuestions(house, environment);
  const { folder } = house.house;
  await using screen = new Screen([process.execPath, entry, 'attach', 'demo', '--data-dir', join(folder, 'data')], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', HOME: folder, ...environment },
  });
  await alice.hears('🖥 demo is open in a terminal');
  await screen.shows('You said: remember the milk');
  alice.say('what did I ask you before?');
  await alice.hears('Your message waits');
  await screen.type('remember the bread too');
  await screen.shows('You said: remember the bread too');
  await screen.type('/exit');
  await screen.ended();
  await alice.hears('📱 demo was closed in the terminal');
  const answer = await alice.hears('- remember the milk');
  expect(answer.text).toContain('- remember the bread too');
});

/** As a user has answered them who has run it here before: the theme, the API key, whether the folder is trusted. */
function skipFirstQuestions(house: ClaudeHouse, environment: Readonly<Record<string, string>>): void {
  const file = join(house.house.folder, '.claude.json');
  const key = environment.ANTHROPIC_API_KEY ?? '';
  const settings = {
    ...JSON.parse(readFileSync(file, 'utf8')),
    hasCompletedOnboarding: true,
    customApiKeyResponses: { approved: [key.slice(-20)], rejected: [] },
    projects: { [house.projectFolder('demo')]: { hasTrustDialogAccepted: true } },
  };
  writeFileSync(file, JSON.stringify(settings));
}
