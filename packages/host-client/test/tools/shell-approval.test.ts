import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runBackgroundTool } from '../../src/tools/run-background.ts';
import { runShellTool } from '../../src/tools/run-shell.ts';
import type { TestTurn } from '../fakes/approval-desk.ts';
import { ApprovalDesk, labelsOf, TTL_MS } from '../fakes/approval-desk.ts';

type Arguments = { readonly command: string; readonly cwd?: string };

/** Calls run_shell in a turn of its own, unless it is given one. */
function run(
  desk: ApprovalDesk,
  args: Arguments,
  { policy = 'ask' as 'ask' | 'auto' | 'read-only', turn = desk.turn() } = {},
) {
  return runShellTool(desk.shell(policy)).call(JSON.stringify(args), turn);
}

/** Runs it, with the answer of this button. */
async function runWith(desk: ApprovalDesk, optionId: string, args: Arguments): Promise<string> {
  const nth = desk.asked.length + 1;
  const running = run(desk, args);
  const unasked = running.then(() => Promise.reject(new Error('it ran without a question')));
  await desk.press(await Promise.race([desk.question(nth), unasked]), optionId);
  return await running;
}

function tainted(turn: TestTurn): TestTurn {
  turn.taint.mark('content from the web');
  return turn;
}

describe('a command with effects under SHELL_POLICY ask', () => {
  test('runs after Allow once, and is asked about again the next time', async () => {
    await using desk = await ApprovalDesk.open();
    const turn = desk.turn();
    const running = run(desk, { command: 'touch made && echo ok', cwd: 'app' }, { turn });
    const question = await desk.question();
    expect(question.text).toBe(
      [
        'The assistant asks to run a command on **home-pc**:',
        '```bash\ntouch made && echo ok\n```',
        `Folder: \`${desk.folder}/app\`\nWhy you are asked: it \`changes files: touch\`\n"Always allow" allows, from now on: \`touch\` in \`app\` and below.`,
      ].join('\n\n'),
    );
    expect(labelsOf(question)).toEqual(['Allow once', 'Always allow', 'Deny']);
    expect(readdirSync(join(desk.folder, 'app'))).toEqual([]);
    expect(turn.effects).toEqual([]);
    await desk.press(question, 'allow_once');
    expect(JSON.parse(await running)).toMatchObject({ stdout: 'ok\n', exit_code: 0 });
    expect(turn.effects).toEqual(['run_shell: touch made && echo ok']);
    expect(readdirSync(join(desk.folder, 'app'))).toEqual(['made']);
    await expect(runWith(desk, 'deny', { command: 'touch more', cwd: 'app' })).rejects.toThrow(/said no/);
    expect(readdirSync(join(desk.folder, 'app'))).toEqual(['made']);
  });

  test('does not run after Deny, after words, after the time to answer, or in a turn that was stopped', async () => {
    await using desk = await ApprovalDesk.open();
    const args = { command: 'touch made' };
    await expect(runWith(desk, 'deny', args)).rejects.toMatchObject({ name: 'ToolError' });

    const worded = run(desk, args);
    await desk.question(2);
    await desk.disk.store.write(() => desk.questions.answerInWords('alice', 'chat of alice', 'in app, please'));
    await expect(worded).rejects.toThrow('in app, please');

    const late = run(desk, args);
    const { id } = await desk.question(3);
    await desk.questions.delivered(id);
    desk.now += TTL_MS;
    desk.questions.start();
    await expect(late).rejects.toThrow(/did not answer in time/);

    const turn = desk.turn();
    const stopped = run(desk, args, { turn });
    await desk.question(4);
    turn.stop();
    await expect(stopped).rejects.toBe(turn.signal.reason);
    expect(turn.effects).toEqual([]);
    expect(readdirSync(desk.folder)).toEqual(['app']);
  });

  test('one that only reads runs at once, and a destructive one is not even asked about', async () => {
    await using desk = await ApprovalDesk.open();
    expect(JSON.parse(await run(desk, { command: 'ls' }))).toMatchObject({ stdout: 'app\n' });
    for (const command of ['rm --help -rf /', 'touch made; reboot --help', 'touch made; echo "']) {
      await expect(run(desk, { command })).rejects.toThrow(/^Blocked: /);
    }
    expect(desk.asked).toEqual([]);
    expect(readdirSync(desk.folder)).toEqual(['app']);
  });

  test('a long one is shown whole, and what cannot be seen is marked', async () => {
    await using desk = await ApprovalDesk.open();
    const command = `touch ${'x '.repeat(10_000)}'\n\`\`\`\n**harmless** \u202e\u200b\u001b[2K'; touch evil #the end`;
    await expect(runWith(desk, 'deny', { command })).rejects.toThrow();
    const [{ text } = { text: '' }] = desk.asked;
    expect(text).toContain('x '.repeat(10_000));
    expect(text).toContain('````bash\ntouch');
    expect(text).toContain("**harmless** [U+202E][U+200B][U+001B][2K'; touch evil #the end\n````");
    for (const hidden of ['\u202e', '\u200b', '\u001b']) expect(text).not.toContain(hidden);
  });

  test('one of the largest that can be judged is still shown to its end', async () => {
    await using desk = await ApprovalDesk.open();
    await expect(runWith(desk, 'deny', { command: `touch ${'a\u0001'.repeat(10_000)} the-end` })).rejects.toThrow(
      /said no/,
    );
    expect(desk.asked[0]?.text).toContain('the-end\n```');
  });

  test('runs exactly what was asked about, whatever has changed meanwhile', async () => {
    await using desk = await ApprovalDesk.open();
    const running = run(desk, { command: 'touch made', cwd: 'app' });
    const question = await desk.question();
    renameSync(join(desk.folder, 'app'), join(desk.folder, 'old'));
    mkdirSync(join(desk.folder, 'elsewhere'));
    symlinkSync(join(desk.folder, 'elsewhere'), join(desk.folder, 'app'));
    await desk.press(question, 'allow_once');
    await expect(running).rejects.toThrow(/was moved or replaced/);
    expect(readdirSync(join(desk.folder, 'elsewhere'))).toEqual([]);
  });

  test('a press on the question of a process that died runs nothing', async () => {
    await using desk = await ApprovalDesk.open();
    const turn = desk.turn();
    const running = run(desk, { command: 'touch made' }, { turn });
    const question = await desk.question();
    await using next = await desk.afterCrash();
    await next.approvals.start();
    await next.press(question, 'allow_once');
    expect(next.said.at(-1)).toMatch(/taken back/);
    // The message runs again, and asks again.
    await expect(runWith(next, 'allow_once', { command: 'touch made' })).resolves.toContain('"exit_code":0');
    expect(readdirSync(desk.folder).sort()).toEqual(['app', 'made']);
    turn.stop();
    await expect(running).rejects.toBeDefined();
  });
});

describe('"Always allow"', () => {
  test('lets that call run unasked in that folder and below, and nothing else', async () => {
    await using desk = await ApprovalDesk.open();
    await runWith(desk, 'always', { command: 'touch a', cwd: 'app' });
    mkdirSync(join(desk.folder, 'app', 'lib'));
    for (const [command, cwd] of [
      ['touch b c && ls', 'app'],
      ['touch d', 'app/lib'],
      ['ls | grep x; touch e', join(desk.folder, 'app')],
    ] as const) {
      expect(JSON.parse(await run(desk, { command, cwd }))).toMatchObject({ exit_code: 0 });
    }
    expect(desk.asked).toHaveLength(1);
    for (const [command, cwd] of [
      ['touch x', '.'],
      ['touch x; mkdir y', 'app'],
      ['touch ../x', 'app'],
      ['touch x | node', 'app'],
      ['touch $(id)', 'app'],
      ['touch x > y', 'app'],
      ['env touch x', 'app'],
      [`${'ls; '.repeat(50)}touch x; mkdir y`, 'app'],
    ] as const) {
      await expect(runWith(desk, 'deny', { command, cwd })).rejects.toThrow(/said no/);
    }
    expect(existsSync(join(desk.folder, 'x'))).toBe(false);
  });

  test('is not offered for what can be no rule', async () => {
    await using desk = await ApprovalDesk.open();
    for (const command of ['node -e 1', 'echo x > y', 'bash -c "touch x"', 'touch $x', 'touch /tmp/x']) {
      await expect(runWith(desk, 'deny', { command })).rejects.toThrow();
      expect([command, labelsOf(desk.asked.at(-1) ?? {})]).toEqual([command, ['Allow once', 'Deny']]);
    }
  });

  test('is of one user, and taken back it asks again', async () => {
    await using desk = await ApprovalDesk.open();
    await runWith(desk, 'always', { command: 'touch a' });
    const bobs = run(desk, { command: 'touch b' }, { turn: desk.turn({ userId: 'bob' }) });
    await desk.press(await desk.question(2), 'deny', 'bob');
    await expect(bobs).rejects.toThrow(/said no/);
    const [rule] = desk.rules.list('alice');
    await desk.disk.store.write(() => desk.rules.remove('alice', rule?.id ?? ''));
    await expect(runWith(desk, 'deny', { command: 'touch c' })).rejects.toThrow(/said no/);
    expect(readdirSync(desk.folder).sort()).toEqual(['a', 'app']);
  });

  test('counts for nothing after content from the web, nor does the policy auto', async () => {
    await using desk = await ApprovalDesk.open();
    await runWith(desk, 'always', { command: 'touch a' });
    for (const [index, policy] of (['ask', 'auto'] as const).entries()) {
      const running = run(desk, { command: 'touch b' }, { policy, turn: tainted(desk.turn()) });
      const question = await desk.question(index + 2);
      expect(labelsOf(question)).toEqual(['Allow once', 'Deny']);
      expect(question.text).toContain('⚠️ The assistant has read content from the web before this');
      await desk.press(question, 'deny');
      await expect(running).rejects.toThrow(/said no/);
    }
    // What only reads goes on as before, and so does a turn of its own.
    expect(await run(desk, { command: 'ls' }, { turn: tainted(desk.turn()) })).toContain('app');
    await run(desk, { command: 'touch c' }, { policy: 'auto' });
    await expect(
      run(desk, { command: 'touch d' }, { policy: 'read-only', turn: tainted(desk.turn()) }),
    ).rejects.toThrow(/^Blocked: /);
    expect(readdirSync(desk.folder).sort()).toEqual(['a', 'app', 'c']);
  });
});

describe('a folder outside the working folder', () => {
  test('is asked about, also for a command that only reads, and each time', async () => {
    await using desk = await ApprovalDesk.open();
    const outside = realpathSync(mkdtempSync(join(tmpdir(), 'phonework-outside-')));
    try {
      const args = { command: 'pwd', cwd: outside };
      expect(JSON.parse(await runWith(desk, 'allow_once', args))).toMatchObject({ stdout: `${outside}\n` });
      expect(desk.asked[0]?.text).toContain(`Folder: \`${outside}\`\nThe folder is outside the working folder.`);
      expect(labelsOf(desk.asked[0] ?? {})).toEqual(['Allow once', 'Deny']);
      await expect(runWith(desk, 'deny', args)).rejects.toThrow(/said no/);
      await expect(runWith(desk, 'deny', { ...args, command: 'touch x' })).rejects.toThrow(/said no/);
      expect(labelsOf(desk.asked.at(-1) ?? {})).toEqual(['Allow once', 'Deny']);
      symlinkSync(outside, join(desk.folder, 'link'));
      await expect(runWith(desk, 'deny', { command: 'pwd', cwd: join(desk.folder, 'link') })).rejects.toThrow();
      expect(desk.asked.at(-1)?.text).toContain(`Folder: \`${outside}\``);
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  test('is refused by the other policies, by a relative path, and where there is none', async () => {
    await using desk = await ApprovalDesk.open();
    for (const policy of ['read-only', 'auto'] as const) {
      await expect(run(desk, { command: 'pwd', cwd: tmpdir() }, { policy })).rejects.toThrow(
        /outside the working folder/,
      );
    }
    await expect(run(desk, { command: 'pwd', cwd: '..' })).rejects.toThrow(/outside the working folder/);
    await expect(run(desk, { command: 'pwd', cwd: '/no-such-folder' })).rejects.toThrow(/no folder/);
    await expect(run(desk, { command: 'pwd', cwd: '/dev/null' })).rejects.toThrow(/not a folder/);
    expect(desk.asked).toEqual([]);
  });

  test('is taken into account where everything in it would be deleted', async () => {
    await using desk = await ApprovalDesk.open();
    await expect(run(desk, { command: 'rm -rf ./*', cwd: '/' })).rejects.toThrow(/^Blocked: .*whole disk/);
    expect(desk.asked).toEqual([]);
  });
});

test('run_background asks in the same way, and starts nothing without a yes', async () => {
  await using desk = await ApprovalDesk.open();
  const submitted: unknown[] = [];
  const submit = async (task: unknown) => {
    submitted.push(task);
    return 'k3f9x2';
  };
  const tool = runBackgroundTool({ shell: desk.shell('ask'), submit });
  const call = () => tool.call(JSON.stringify({ command: 'touch x', cwd: 'app', description: 'x' }), desk.turn());
  const denied = call();
  const question = await desk.question();
  expect(question.text).toContain('in the background on **home-pc**, without a time limit');
  await desk.press(question, 'deny');
  await expect(denied).rejects.toThrow(/said no/);
  expect(submitted).toEqual([]);
  const allowed = call();
  await desk.press(await desk.question(2), 'always');
  expect(await allowed).toContain('k3f9x2');
  expect(await call()).toContain('k3f9x2');
  expect(submitted).toHaveLength(2);
  expect(submitted[0]).toMatchObject({
    subject: { kind: 'shell', command: 'touch x', cwd: join(desk.folder, 'app'), readsOnly: false },
  });
});
