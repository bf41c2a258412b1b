import { expect, test } from 'vitest';
import { judgeApart } from '../../src/shell/judge-apart.ts';
import { judge } from '../../src/shell/policy.ts';

test('a long command is judged as a short one is, while everybody else goes on', async () => {
  for (const tail of ['', 'touch x', 'rm -rf /', 'echo "']) {
    const command = `${'ls; '.repeat(4000)}${tail}`;
    let others = 0;
    const counting = setInterval(() => (others += 1), 1);
    expect(await judgeApart(command, '/home/alice/project')).toEqual(judge(command, '/home/alice/project'));
    clearInterval(counting);
    expect(others).toBeGreaterThan(0);
  }
});

test('the folder counts for a long command too', async () => {
  const command = `${'ls; '.repeat(4000)} rm -rf *`;
  expect(await judgeApart(command, '/')).toMatchObject({ kind: 'destructive' });
  expect(await judgeApart(command, '/home/alice/project')).toMatchObject({ kind: 'effects' });
});

test('a command that is longer than anything that is judged is refused at once', async () => {
  expect(await judgeApart(`echo ${'x'.repeat(1_000_000)}`)).toMatchObject({ kind: 'unparseable' });
});
