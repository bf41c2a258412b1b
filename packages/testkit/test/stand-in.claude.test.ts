import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { installClaudeStandIn } from '../src/claude/install-stand-in.ts';
import { quietEnvironment, realClaude } from '../src/claude/real-cli.ts';
import { MessagesApi } from '../src/messages-api.ts';
import { ClaudePipe } from './claude/claude-pipe.ts';
import type { Stage } from './claude/scenarios.ts';
import { scenarios } from './claude/scenarios.ts';
import { shapeOf } from './claude/shape.ts';

let real = '';

beforeAll(async () => {
  real = await realClaude();
});

test.each(Object.entries(scenarios))('%s: the stand-in does what the real program does', async (_, scenario) => {
  const folder = mkdtempSync(join(tmpdir(), 'phonework-stand-in-'));
  try {
    const [expected, got] = await Promise.all([play(scenario, real), play(scenario, installClaudeStandIn(folder))]);
    expect(got).toEqual(expected);
    expect(expected.length).toBeGreaterThan(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Resolves with what came of each process: the shape of its events, how it ended, and what it complained of. */
async function play(scenario: (stage: Stage) => Promise<void>, command: string): Promise<readonly unknown[]> {
  await using api = await MessagesApi.start();
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'phonework-claude-')));
  const cwd = join(home, 'project');
  mkdirSync(cwd);
  const processes: ClaudePipe[] = [];
  try {
    await scenario({
      id: randomUUID(),
      cwd,
      script: (...replies) => api.enqueue(...replies),
      start: (args, environment) => {
        const all = { ...quietEnvironment(api.url), ...environment };
        const claude = new ClaudePipe({ command, args, home, cwd, environment: all });
        processes.push(claude);
        return claude;
      },
    });
    return await Promise.all(
      processes.map(async (claude) => ({
        events: shapeOf(claude.events, cwd),
        noise: claude.noise,
        end: await claude.ended(),
        complaint: claude.stderr.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>'),
      })),
    );
  } finally {
    // Unlike SIGKILL it takes the tools along.
    for (const claude of processes) claude.kill('SIGTERM');
    await Promise.all(processes.map((claude) => claude.ended()));
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}
