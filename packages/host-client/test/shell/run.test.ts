import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '@phonework/testkit/wait';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { childEnvironment } from '../../src/shell/environment.ts';
import type { ShellRequest, ShellResult } from '../../src/shell/run.ts';
import { endRun, runShell } from '../../src/shell/run.ts';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'run-shell-'));
});
afterAll(async () => {
  await rm(cwd, { recursive: true });
});

async function run(command: string, options: Partial<ShellRequest> = {}): Promise<ShellResult> {
  const env = childEnvironment(process.env);
  return await runShell({ command, cwd, env, timeoutMs: 10_000, signal: new AbortController().signal, ...options });
}

/** The pids of running processes whose command line contains `text`. */
async function pidsOf(text: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map(async (pid) => [pid, await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')] as const),
  );
  return lines.filter(([, line]) => line.replaceAll('\0', ' ').includes(text)).map(([pid]) => pid);
}

/** A sleep that nobody else has: to be found by its length. */
function uniqueSleep(): string {
  return `sleep ${1000 + Math.random() * 1000}`;
}

describe('what a command says', () => {
  test('output, errors and exit code come back', async () => {
    const result = await run('echo out; echo err >&2; exit 3');
    expect(result).toMatchObject({ stdout: 'out\n', stderr: 'err\n', exitCode: 3, timedOut: false, aborted: false });
    expect(result).not.toHaveProperty('signal');
  });

  test('it runs in its folder, without input', async () => {
    expect((await run('pwd; cat; [ -t 0 ] || echo no terminal')).stdout).toBe(`${cwd}\nno terminal\n`);
  });

  test('it runs in bash where there is one', async () => {
    expect((await run('[[ a == a ]] && echo $BASH_VERSION')).stdout).toMatch(/^\d/);
  });

  test('a command that begins with a dash is a command', async () => {
    expect(await run('-x')).toMatchObject({ exitCode: 127 });
  });

  test('a signal that ended the shell is named', async () => {
    expect(await run('kill -9 $$')).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
  });

  test('characters that arrive in pieces are whole', async () => {
    const result = await run(String.raw`printf '\346\274'; sleep 0.1; printf '\242\n'`);
    expect(result.stdout).toBe('漢\n');
  });

  test('endless output is cut in the middle', async () => {
    const result = await run('echo first; yes', { timeoutMs: 1_000, maxOutputBytes: 10_000 });
    expect(result.timedOut).toBe(true);
    expect(result.stdout.length).toBeLessThan(11_000);
    expect(result.stdout).toMatch(/^first\ny\n[\s\S]*\[… \d{6,} bytes left out …\][\s\S]*y\n$/);
  });

  test('400 MB of output do not take 400 MB of memory', async () => {
    const before = process.memoryUsage().rss;
    const result = await run('yes | head -c 400000000');
    expect(result).toMatchObject({
      timedOut: false,
      stdout: expect.stringContaining('[… 399900000 bytes left out …]'),
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
  });

  test('the environment is what was given, and nothing of ours', async () => {
    const ours = await open(join(cwd, 'ours'), 'w');
    process.env.CANARY_SECRET = 'canary-in-the-mine';
    try {
      const result = await run('env; cat /proc/self/environ | tr "\\0" "\\n"; ls -l /proc/self/fd');
      expect(result.stdout).toContain('TERM=dumb');
      expect(result.stdout).toContain('/dev/null');
      expect(result.stdout).not.toContain('canary-in-the-mine');
      expect(result.stdout).not.toContain(join(cwd, 'ours'));
    } finally {
      delete process.env.CANARY_SECRET;
      await ours.close();
    }
  });
});

describe('what a command says, as it comes', () => {
  test('is handed on before the command has ended', async () => {
    let heard = '';
    const running = run('echo first; until [ -e heard ]; do sleep 0.02; done; echo second >&2', {
      onOutput: (chunk) => {
        heard += chunk.toString();
        return undefined;
      },
    });
    await waitFor(() => heard === 'first\n');
    await writeFile(join(cwd, 'heard'), '');
    await running;
    expect(heard).toBe('first\nsecond\n');
  });

  test('makes it wait while whoever hears it asks for that, and is heard to the end', async () => {
    const room = Promise.withResolvers<void>();
    let heardBytes = 0;
    const running = run('yes | head -c 4000000; echo > all-said; printf end', {
      onOutput: (chunk) => {
        heardBytes += chunk.length;
        return room.promise;
      },
    });
    await waitFor(() => heardBytes > 0);
    // Time enough for megabytes: none of them may come.
    const heardAfter = async (ms: number) => {
      const until = performance.now() + ms;
      return await waitFor(() => performance.now() > until && { bytes: heardBytes });
    };
    expect((await heardAfter(300)).bytes).toBeLessThan(500_000);
    expect(await readdir(cwd)).not.toContain('all-said');
    room.resolve();
    expect(await running).toMatchObject({ exitCode: 0 });
    expect(heardBytes).toBe(4_000_003);
  });

  test('has its end also when the command is gone before there is room', async () => {
    let heard = '';
    const never = new Promise<void>(() => {});
    const result = await run('for n in 1 2 3 4; do echo $n; sleep 0.1; done', {
      onOutput: (chunk) => {
        heard += chunk.toString();
        return never;
      },
    });
    expect(result.stdout).toBe('1\n2\n3\n4\n');
    expect(heard).toBe('1\n2\n3\n4\n');
  });
});

describe('a command that cannot start is an error for the user', () => {
  test('a folder that is not there, or is a file', async () => {
    await expect(run('ls', { cwd: join(cwd, 'nowhere') })).rejects.toMatchObject({
      name: 'ShellError',
      code: 'no_folder',
    });
    await writeFile(join(cwd, 'file'), '');
    await expect(run('ls', { cwd: join(cwd, 'file') })).rejects.toMatchObject({ code: 'no_folder' });
  });

  test('a command that the system refuses', async () => {
    await expect(run('ls\0')).rejects.toMatchObject({ name: 'ShellError', code: 'not_started' });
  });

  test('one that was stopped before it started', async () => {
    await expect(run('touch started', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
    expect(await readdir(cwd)).not.toContain('started');
  });
});

describe.runIf(process.platform === 'linux')('nothing is left running', () => {
  test.each([
    ['a plain command', (sleep: string) => sleep],
    ['a pipeline', (sleep: string) => `${sleep} | cat | cat`],
    ['children in the background', (sleep: string) => `${sleep} & ${sleep} & wait`],
    ['a session of its own', (sleep: string) => `setsid ${sleep} & ${sleep}`],
    ['a double fork', (sleep: string) => `(setsid sh -c '${sleep} & ${sleep}' &) ; ${sleep}`],
    ['nohup', (sleep: string) => `nohup ${sleep} >/dev/null 2>&1 & ${sleep}`],
    ['a cleared environment', (sleep: string) => `env -i setsid ${sleep} & ${sleep}`],
  ])('after a time-out: %s', async (_, commandFor) => {
    const sleep = uniqueSleep();
    const result = await run(commandFor(sleep), { timeoutMs: 300 });
    expect(result).toMatchObject({ timedOut: true, allEnded: true, exitCode: null, signal: 'SIGTERM' });
    expect(result.durationMs).toBeLessThan(2_000);
    expect(await pidsOf(sleep)).toEqual([]);
  });

  test('a child that ignores SIGTERM is killed', async () => {
    const sleep = uniqueSleep();
    const command = `trap '' TERM; (trap '' TERM; while :; do ${sleep}; done) & while :; do ${sleep}; done`;
    // Long enough for the shell to have set its traps on a busy machine.
    const result = await run(command, { timeoutMs: 2_000, killAfterMs: 300 });
    expect(result).toMatchObject({ timedOut: true, allEnded: true, signal: 'SIGKILL' });
    expect(result.durationMs).toBeGreaterThan(2_250);
    expect(await pidsOf(sleep)).toEqual([]);
  });

  test('a child that cleared its environment and ignores SIGTERM outlives its parent, but not us', async () => {
    const sleep = uniqueSleep();
    const command = `env -i setsid bash -c "trap '' TERM; ${sleep}; ${sleep}" & wait`;
    expect(await run(command, { timeoutMs: 300, killAfterMs: 300 })).toMatchObject({ allEnded: true });
    expect(await pidsOf(sleep)).toEqual([]);
  });

  test('an abort ends it at once', async () => {
    const sleep = uniqueSleep();
    const stop = new AbortController();
    const running = run(`echo begun; setsid ${sleep} & ${sleep}`, { signal: stop.signal });
    await waitFor(async () => (await pidsOf(sleep)).length >= 2);
    stop.abort();
    expect(await running).toMatchObject({ aborted: true, timedOut: false, stdout: 'begun\n' });
    expect(await pidsOf(sleep)).toEqual([]);
  });

  test('what the shell leaves in the background is ended, and the result says so', async () => {
    for (const redirect of ['', '>/dev/null 2>&1']) {
      const sleep = uniqueSleep();
      const result = await run(`echo done; setsid ${sleep} ${redirect} &`, { backgroundGraceMs: 100 });
      expect(result).toMatchObject({ stdout: 'done\n', exitCode: 0, backgroundEnded: true, allEnded: true });
      expect(await pidsOf(sleep)).toEqual([]);
    }
  });

  test('what ends by itself soon after the shell may finish', async () => {
    const result = await run('(sleep 0.1; echo late) & echo early', { backgroundGraceMs: 5_000 });
    expect(result).toMatchObject({ stdout: 'early\nlate\n', backgroundEnded: false });
    expect(result.durationMs).toBeLessThan(4_000);
  });

  test('twenty starts and kills leave no process and no open file', async () => {
    const sleep = uniqueSleep();
    const openFiles = async () => (await readdir('/proc/self/fd')).length;
    const before = await openFiles();
    for (let cycle = 0; cycle < 20; cycle++) {
      const stop = new AbortController();
      const running = run(`setsid ${sleep} & (nohup ${sleep} >/dev/null 2>&1 &); ${sleep}`, { signal: stop.signal });
      await waitFor(async () => (await pidsOf(sleep)).length >= 2);
      stop.abort();
      expect(await running).toMatchObject({ aborted: true, allEnded: true });
    }
    expect(await pidsOf(sleep)).toEqual([]);
    await waitFor(async () => (await openFiles()) <= before);
  });

  test('also of a run whose starter has died: it is found by its id', async () => {
    const sleep = uniqueSleep();
    const [mine, other] = [uniqueSleep(), uniqueSleep()];
    const stop = new AbortController();
    const start = (command: string, runId: string) => run(command, { runId, signal: stop.signal });
    const runs = [start(`setsid ${sleep} & ${mine}`, 'run-a'), start(other, 'run-ab')];
    try {
      await waitFor(async () => (await pidsOf(mine)).length > 0 && (await pidsOf(other)).length > 0);
      expect(await endRun('run-a')).toBe(true);
      expect(await pidsOf(sleep)).toEqual([]);
      expect(await pidsOf(mine)).toEqual([]);
      expect(await pidsOf(other)).not.toEqual([]);
      expect(await endRun('run-a')).toBe(true);
    } finally {
      stop.abort();
      await Promise.all(runs);
    }
  });

  test("another program's processes are let alone", async () => {
    const sleep = uniqueSleep();
    const other = spawn('sleep', [sleep.slice('sleep '.length)]);
    try {
      await run(sleep, { timeoutMs: 200 });
      expect(await pidsOf(sleep)).toEqual([`${other.pid}`]);
    } finally {
      other.kill();
      await once(other, 'exit');
    }
  });
});
