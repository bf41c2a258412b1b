import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '@phonework/testkit/wait';
import { afterEach, describe, expect, test } from 'vitest';
import type { LineProcess, LineProcessSpec } from '../../src/sessions/line-process.ts';
import { startPtyProcess } from '../../src/sessions/pty-process.ts';
import { createStartLineProcess } from '../../src/sessions/start-line-process.ts';
import { endMarked } from '../../src/shell/process-tree.ts';
import { openFilesOf, pidsOf, pidsOfExactly, uniqueSleep } from '../fakes/process-list.ts';
import { recordingLogger } from '../fakes/recording-logger.ts';

const env = { PATH: process.env.PATH ?? '/bin:/usr/bin' };

const running = new Set<LineProcess>();
afterEach(async () => {
  for (const process of running) await process.end({ signal: 'SIGTERM', killAfterMs: 0 });
  running.clear();
});

function toSpec(script: string, lines: string[] = []): LineProcessSpec {
  return { command: '/bin/sh', args: ['-c', script], cwd: '/', env, onLine: (line) => lines.push(line) };
}

async function sh(script: string): Promise<{ readonly process: LineProcess; readonly lines: string[] }> {
  const lines: string[] = [];
  const process = await startPtyProcess(toSpec(script, lines));
  running.add(process);
  return { process, lines };
}

describe.runIf(process.platform === 'linux')('a program in a terminal', () => {
  test('writes to the terminal, and reads from a pipe', async () => {
    const { process, lines } = await sh('[ -t 0 ] || echo pipe; [ -t 1 ] && [ -t 2 ] && echo terminal');
    await process.exited;
    expect(lines).toEqual(['pipe', 'terminal']);
  });

  test('gets no signal ignored or blocked', async () => {
    const { process, lines } = await sh('exec grep -E "Sig(Blk|Ign)" /proc/self/status');
    await process.exited;
    expect(lines.map((line) => line.split(/\s+/)[1])).toEqual(['0000000000000000', '0000000000000000']);
  });

  test("has nothing of what we have open, nor another session's terminal", async () => {
    await sh('read -r end');
    const { lines } = await sh('echo $$; read -r end');
    const pid = Number(await waitFor(() => lines[0]));
    const open = await openFilesOf(pid);
    expect(open).toHaveLength(3);
    expect(open).not.toContain('/dev/ptmx');
  });

  test('that ends by itself leaves no terminal, and nothing of what we have put around it', async () => {
    const once = `${Math.random()}`;
    const { process } = await sh(`: ${once}`);
    await process.exited;
    await waitFor(async () => (await pidsOf(once)).length === 0);
    expect(await openFilesOf('self')).not.toContain('/dev/ptmx');
  });

  test('that keeps its terminal although it has lost its shell is ended, and its session with it', async () => {
    const sleep = uniqueSleep();
    const { process: lost, lines } = await sh(`trap '' HUP; ps -o sid= $$; ${sleep}`);
    const leader = Number(await waitFor(() => lines[0]));
    expect(leader).toBeGreaterThan(1);
    process.kill(leader, 'SIGKILL');
    expect(await lost.exited).toEqual({ code: null });
    await expect(lost.write('anything')).rejects.toMatchObject({ code: 'ended' });
    expect(await pidsOf(sleep)).toEqual([]);
  });

  test('that takes too long to start is given up, and nothing is left of it', async () => {
    const sleep = uniqueSleep();
    const failing = startPtyProcess(toSpec(sleep), { startTimeoutMs: 1 });
    await expect(failing).rejects.toMatchObject({ name: 'LineProcessError', code: 'not_started' });
    await expect(failing).rejects.toThrow(/no sign of life in time/);
    expect(await pidsOf(sleep)).toEqual([]);
    expect(await openFilesOf('self')).not.toContain('/dev/ptmx');
  });

  test('is gone when we are killed, and can be found where it refuses to go', async () => {
    const [obedient, stubborn] = [uniqueSleep(), uniqueSleep()];
    const mark = `${Math.random()}`;
    const owner = spawn(
      process.execPath,
      [
        new URL('../fakes/terminal-owner-process.ts', import.meta.url).pathname,
        `${obedient} & (${obedient} &) ; ${obedient}`,
        `trap '' HUP; ${stubborn}`,
      ],
      { env: { ...env, MARK: mark }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(owner.stdout, 'data');
    await waitFor(async () => (await pidsOfExactly(obedient)).length === 3);
    await waitFor(async () => (await pidsOfExactly(stubborn)).length === 1);
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    await waitFor(async () => (await pidsOf(obedient)).length === 0, { timeoutMs: 3_000 });
    expect(await pidsOfExactly(stubborn)).toHaveLength(1);
    expect(await endMarked(`MARK=${mark}`)).toBeGreaterThan(0);
    expect(await pidsOf(stubborn)).toEqual([]);
  });

  test('hears that we were killed before its input comes to an end', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'phonework-pty-'));
    const ended = join(folder, 'ended');
    const fake = new URL('../fakes/terminal-owner-process.ts', import.meta.url).pathname;
    const program = `trap '' HUP; cat > /dev/null; touch '${ended}'`;
    const owner = spawn(process.execPath, [fake, program], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    await once(owner.stdout, 'data');
    owner.kill('SIGKILL');
    const killedAt = performance.now();
    await waitFor(() => existsSync(ended));
    // That long it has for what SIGHUP asks of it.
    expect(performance.now() - killedAt).toBeGreaterThan(1000);
    await rm(folder, { recursive: true });
  });

  test('does not hold us up, however much it says', async () => {
    // Of the processor's time: where others keep it busy, by the clock everything takes long.
    let longestMs = 0;
    let isWatching = true;
    const watch = async (): Promise<void> => {
      for (let before = process.cpuUsage(); isWatching; before = process.cpuUsage()) {
        await delay(1);
        const { user, system } = process.cpuUsage(before);
        longestMs = Math.max(longestMs, (user + system) / 1_000);
      }
    };
    const watching = watch();
    let count = 0;
    const spec = { ...toSpec('yes | head -c 4000000; head -c 4000000 /dev/zero | tr "\\0" x'), onLine: () => count++ };
    await (await startPtyProcess(spec)).exited;
    isWatching = false;
    await watching;
    expect(count).toBe(2_000_001);
    expect(longestMs).toBeLessThan(50);
  });

  test('is what a line process is where there are terminals', async () => {
    const { logger, entries } = await recordingLogger();
    const lines: string[] = [];
    const process = await createStartLineProcess(logger)(toSpec('[ -t 1 ] && echo terminal', lines));
    await process.exited;
    expect(lines).toEqual(['terminal']);
    expect(entries).toEqual([]);
  });
});
