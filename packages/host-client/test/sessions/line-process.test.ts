import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '@phonework/testkit/wait';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { LineProcess, LineProcessSpec, ProcessEnd } from '../../src/sessions/line-process.ts';
import { startPipeProcess } from '../../src/sessions/pipe-process.ts';
import { startPtyProcess } from '../../src/sessions/pty-process.ts';
import { openFilesOf, pidsOf, pidsOfExactly, uniqueSleep } from '../fakes/process-list.ts';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'line-process-'));
});
afterAll(async () => {
  await rm(cwd, { recursive: true });
});

const running = new Set<LineProcess>();
afterEach(async () => {
  for (const process of running) await process.end({ signal: 'SIGTERM', killAfterMs: 0 });
  running.clear();
});

type Talk = { readonly process: LineProcess; readonly lines: string[] };

describe.runIf(process.platform === 'linux').each([
  ['over a terminal', startPtyProcess],
  ['over pipes', startPipeProcess],
])('a program %s', (way, start) => {
  const isTerminal = way === 'over a terminal';

  async function run(command: string, args: readonly string[], options: Partial<LineProcessSpec> = {}): Promise<Talk> {
    const lines: string[] = [];
    const env = { PATH: process.env.PATH ?? '/bin:/usr/bin' };
    const started = await start({ command, args, cwd, env, onLine: (line) => lines.push(line), ...options });
    running.add(started);
    return { process: started, lines };
  }

  async function sh(script: string, options: Partial<LineProcessSpec> = {}): Promise<Talk> {
    return await run('/bin/sh', ['-c', script], options);
  }

  async function node(code: string): Promise<Talk> {
    return await run(process.execPath, ['-e', code]);
  }

  describe('says', () => {
    test('lines, on its output and its error output', async () => {
      const { process, lines } = await sh('echo out; sleep 0.1; echo err >&2; sleep 0.1; printf "no end"');
      expect(await process.exited).toEqual({ code: 0 });
      expect(lines).toEqual(['out', 'err', 'no end']);
    });

    test('lines that end as in DOS, and empty ones', async () => {
      const { process, lines } = await sh(String.raw`printf 'a\r\n\r\n\nb\r\n\n\n'`);
      await process.exited;
      expect(lines).toEqual(['a', '', '', 'b', '', '']);
    });

    test('characters in pieces, which come whole', async () => {
      const { process, lines } = await sh(
        String.raw`printf '\346\274'; sleep 0.1; printf '\242\n\360\237'; sleep 0.1; printf '\231\202\n'`,
      );
      await process.exited;
      expect(lines).toEqual(['漢', '🙂']);
    });

    test('a line of a megabyte', async () => {
      const { process, lines } = await node(`console.log('x'.repeat(1_000_000))`);
      await process.exited;
      expect(lines.map((line) => line.length)).toEqual([1_000_000]);
    });

    test('320 kB and is gone at once: nothing is lost, 30 times', { timeout: 120_000 }, async () => {
      for (let round = 0; round < 30; round++) {
        const { process, lines } = await sh(
          `head -c 319000 /dev/zero | tr '\\0' x; echo; head -c 999 /dev/zero | tr '\\0' y`,
        );
        expect(await process.exited).toEqual({ code: 0 });
        expect(lines.map((line) => [line[0], line.length])).toEqual([
          ['x', 319_000],
          ['y', 999],
        ]);
      }
    });
  });

  describe('hears', () => {
    test('five thousand lines, in order', async () => {
      const { process, lines } = await run('/bin/cat', []);
      const sent = Array.from({ length: 5_000 }, (_, number) => `line ${number} ${'.'.repeat(number % 100)}`);
      await Promise.all(sent.map((line) => process.write(line)));
      await waitFor(() => lines.length >= sent.length);
      expect(lines).toEqual(sent);
    });

    test.each([
      ['tabs, quotes and backslashes', '\ta "b" \'c\' \\d\\n `e` $f !g # ~ *'],
      [
        'all control characters',
        String.fromCharCode(...Array.from({ length: 31 }, (_, at) => at + 1).filter((at) => at !== 10), 0x7f, 0x61),
      ],
      [
        'the ones that a terminal takes for itself',
        '\u0003\u0004\u0011\u0013\u001a\u001c\u0012\u0015\u0016\u0017\u000f\u007f.',
      ],
      ['emoji', '🙂👩‍👩‍👧‍👦漢字 é'],
      ['4,096 bytes', 'x'.repeat(4_096)],
      ['5,000 bytes', 'y'.repeat(5_000)],
      ['a megabyte', 'é'.repeat(524_288)],
      ['nothing', ''],
    ])('every byte as it is: %s', async (_, line) => {
      const { process, lines } = await run('/bin/cat', []);
      await process.write(line);
      await process.write('end');
      await waitFor(() => lines.at(-1) === 'end');
      expect(lines).toEqual([line, 'end']);
    });

    test('what it was too busy to read, and waiting for it takes no processor', async () => {
      const reader = `setTimeout(() => {
        let bytes = 0;
        process.stdin.on('data', (chunk) => {
          bytes += chunk.length;
          if (bytes === 600_002) console.log('all');
        });
      }, 1_200)`;
      const { process: busy, lines } = await node(reader);
      const before = process.cpuUsage();
      const startedAt = performance.now();
      let isWritten = false;
      const writing = Promise.all(['x', 'y'].map((letter) => busy.write(letter.repeat(300_000)))).then(() => {
        isWritten = true;
      });
      await waitFor(() => performance.now() - startedAt > 1_000);
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 1_000 / (performance.now() - startedAt)).toBeLessThan(0.15);
      expect(isWritten).toBe(false);
      await waitFor(() => lines.includes('all'));
      await writing;
    });

    test('nothing any more once it is gone: to write is an error, also for what waits', async () => {
      const { process } = await sh('sleep 0.3');
      const waiting = Promise.allSettled([process.write('x'.repeat(2_000_000)), process.write('behind')]);
      await process.exited;
      const failed = {
        status: 'rejected',
        reason: expect.objectContaining({ name: 'LineProcessError', code: 'ended' }),
      };
      expect(await waiting).toEqual([failed, failed]);
      await expect(process.write('late')).rejects.toMatchObject({ name: 'LineProcessError', code: 'ended' });
    });
  });

  describe('comes to its end', () => {
    test.each<[string, ProcessEnd]>([
      ['true', { code: 0 }],
      ['exit 3', { code: 3 }],
      ['exit 255', { code: 255 }],
      ['kill -TERM $$', { code: null, signal: 'SIGTERM' }],
      ['kill -KILL $$', { code: null, signal: 'SIGKILL' }],
      ['kill -INT $$', { code: null, signal: 'SIGINT' }],
      ['kill -HUP $$', { code: null, signal: 'SIGHUP' }],
      ['trap "exit 143" TERM; kill -TERM $$', { code: null, signal: 'SIGTERM' }],
    ])('%s', async (script, end) => {
      const { process, lines } = await sh(`read -r go; ${script}`);
      await process.write('go');
      const writtenAt = performance.now();
      expect(await process.exited).toEqual(end);
      expect(performance.now() - writtenAt).toBeLessThan(1_500);
      expect(lines).toEqual([]);
    });

    test('although something that it has started still holds its output, which `end` ends', async () => {
      const sleep = uniqueSleep();
      const { process } = await sh(`setsid ${sleep} & read -r go`);
      await waitFor(async () => (await pidsOfExactly(sleep)).length === 1);
      await process.write('go');
      expect(await process.exited).toEqual({ code: 0 });
      expect(await pidsOfExactly(sleep)).toHaveLength(1);
      expect(await process.end({ signal: 'SIGTERM', killAfterMs: 1_000 })).toBe(true);
      expect(await pidsOf(sleep)).toEqual([]);
    });

    test('and can not make believe another one', async () => {
      const { process, lines } = await sh(
        `cat /proc/$PPID/cmdline /proc/$PPID/environ /proc/self/environ | tr '\\0' '\\n' | grep -oE '[0-9a-f]{32}' | sed 's/$/ exit 0/'
         echo PW_READY; echo PW_EXIT 0; echo ' exit 0'; echo 'pid 1'; exit 7`,
      );
      expect(await process.exited).toEqual({ code: 7 });
      expect(lines).toEqual(['PW_READY', 'PW_EXIT 0', ' exit 0', 'pid 1']);
    });
  });

  describe('gets', () => {
    test('its folder, its arguments, and no more of an environment than was given', async () => {
      const env = { PATH: '/usr/bin:/bin', HOME: '/nowhere', EMPTY: '', ODD: 'a "b"\n$c=d 漢' };
      const script = `for (const [name, value] of Object.entries(process.env)) console.log(JSON.stringify([name, value]));
        console.log(JSON.stringify([process.cwd(), ...process.argv.slice(1)]))`;
      const args = ['-e', script, '--', 'a b', '"$HOME"', '', '漢\n*'];
      const { process: asked, lines } = await run(process.execPath, args, { env });
      await asked.exited;
      const [place, ...rest] = lines.map((line): string[] => JSON.parse(line)).toReversed();
      expect(place).toEqual([cwd, 'a b', '"$HOME"', '', '漢\n*']);
      const got = Object.fromEntries(rest);
      expect(got.PHONEWORK_PROCESS).toMatch(/^[-0-9a-f]{36}$/);
      for (const name of ['PHONEWORK_PROCESS', 'PWD', 'SHLVL', '_']) delete got[name];
      expect(got).toEqual(env);
    });
  });

  describe('that can not be started is an error at once', () => {
    test.each<[string, RegExp, () => Partial<LineProcessSpec>]>([
      ['missing', /no program/, () => ({ command: '/nowhere/claude' })],
      ['a folder', /can't be run/, () => ({ command: '/tmp' })],
      ['not executable', /can't be run/, () => ({ command: join(cwd, 'plain') })],
      ['in a folder that is not there', /no folder/, () => ({ cwd: join(cwd, 'nowhere') })],
      ['in a folder that is a file', /not a folder/, () => ({ cwd: join(cwd, 'plain') })],
      [
        'with an argument that is too long',
        /did not start \(.*(too long|E2BIG)/,
        () => ({ args: ['x'.repeat(140_000)] }),
      ],
      ['with a zero byte', /zero byte/, () => ({ args: ['a\0b'] })],
    ])('%s', async (_, message, broken) => {
      await writeFile(join(cwd, 'plain'), '#!/bin/sh\n');
      await chmod(join(cwd, 'plain'), 0o644);
      const failing = run('/bin/cat', [], broken());
      await expect(failing).rejects.toMatchObject({ name: 'LineProcessError', code: 'not_started' });
      await expect(failing).rejects.toThrow(message);
    });

    test('unless only the system finds out: then it ends with what that said', async () => {
      const command = join(cwd, 'broken');
      await writeFile(command, '#!/nowhere/interpreter\n');
      await chmod(command, 0o755);
      const outcome = await run(command, []).then(
        async ({ process, lines }) => ({ end: await process.exited, said: lines.join('\n') }),
        (error: unknown) => ({ end: undefined, said: `${error}` }),
      );
      if (isTerminal) expect(outcome.end).toEqual({ code: 127 });
      expect(outcome.said).toMatch(/not found|ENOENT|No such file|bad interpreter/);
    });
  });

  describe('is ended', () => {
    test('by the signal that was asked for, which the program alone gets', async () => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        const { process, lines } = await node(`
          require('node:child_process').spawn('sh', ['-c', 'trap "echo child" INT TERM; sleep 0.5 & wait; wait'], { stdio: 'inherit' });
          for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => setTimeout(() => process.exit(9), 200, console.log(name)));
          setTimeout(() => console.log('up'), 100);
        `);
        await waitFor(() => lines.includes('up'));
        expect(await process.end({ signal, killAfterMs: 5_000 })).toBe(true);
        expect(await process.exited).toEqual({ code: 9 });
        expect(lines).toEqual(['up', signal]);
      }
    });

    test('by force where it does not listen, with all that it has started', async () => {
      const sleep = uniqueSleep();
      const { process } = await sh(`
        trap '' TERM INT HUP
        setsid ${sleep} &
        (setsid sh -c "trap '' TERM; ${sleep}; ${sleep}" &)
        env -i setsid ${sleep} &
        while :; do ${sleep}; done`);
      await waitFor(async () => (await pidsOfExactly(sleep)).length === 4);
      const startedAt = performance.now();
      expect(await process.end({ signal: 'SIGTERM', killAfterMs: 300 })).toBe(true);
      expect(performance.now() - startedAt).toBeGreaterThan(290);
      expect(performance.now() - startedAt).toBeLessThan(3_000);
      expect(await process.exited).toEqual({ code: null, signal: 'SIGKILL' });
      expect(await pidsOf(sleep)).toEqual([]);
    });

    test('twice as well as once, also when it is gone already', async () => {
      const { process } = await run('/bin/cat', []);
      const steps = { signal: 'SIGTERM', killAfterMs: 1_000 } as const;
      expect(await Promise.all([process.end(steps), process.end(steps)])).toEqual([true, true]);
      expect(await process.exited).toEqual({ code: null, signal: 'SIGTERM' });
      expect(await process.end(steps)).toBe(true);
    });

    test('while lines wait to be read by it', async () => {
      const { process } = await run('/bin/sleep', ['100']);
      const writing = process.write('x'.repeat(3_000_000));
      const failed = expect(writing).rejects.toMatchObject({ code: 'ended' });
      expect(await process.end({ signal: 'SIGTERM', killAfterMs: 1_000 })).toBe(true);
      await failed;
    });
  });

  test('fifty starts and ends leave no process, no terminal and no open file', { timeout: 120_000 }, async () => {
    const sleep = uniqueSleep();
    const before = (await openFilesOf('self')).length;
    for (let cycle = 0; cycle < 50; cycle++) {
      const { process, lines } = await sh(
        `setsid ${sleep} >/dev/null 2>&1 & echo up; ${cycle % 2 === 0 ? sleep : 'true'}`,
      );
      await waitFor(() => lines.includes('up'));
      expect(await process.end({ signal: 'SIGTERM', killAfterMs: 1_000 })).toBe(true);
    }
    expect(await pidsOf(sleep)).toEqual([]);
    await waitFor(async () => (await openFilesOf('self')).length <= before);
    // The system has a terminal for as long as its master is open somewhere.
    expect(await openFilesOf('self')).not.toContain('/dev/ptmx');
  });
});
