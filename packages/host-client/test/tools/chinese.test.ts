import { expect, test } from 'vitest';
import { runShellTool } from '../../src/tools/run-shell.ts';
import { shellTexts } from '../../src/tools/shell-texts.ts';
import { ApprovalDesk, labelsOf } from '../fakes/approval-desk.ts';

test('whether a command may run is asked in the language of the one who is asked; the model reads English', async () => {
  await using desk = await ApprovalDesk.open();
  desk.languages.set('alice', 'zh');
  const turn = desk.turn();
  const running = runShellTool(desk.shell()).call('{"command":"touch made","cwd":"app"}', turn);
  const refused = expect(running).rejects.toThrow(/^The user said no to this/);
  const question = await desk.question();
  expect(question.text.split('\n')).toEqual([
    '助手请求在 **home-pc** 上运行一条命令：',
    '',
    '```bash',
    'touch made',
    '```',
    '',
    `文件夹：\`${desk.folder}/app\``,
    expect.stringMatching(/^为什么问你：这条命令 `.+`$/),
    '“始终允许”从现在起允许：`touch`（`app`及其下级）。',
  ]);
  expect(labelsOf(question)).toEqual(['允许一次', '始终允许', '拒绝']);
  expect(desk.questions.openFor('alice').map(({ title }) => title)).toEqual(['可以运行吗：touch made']);
  await desk.press(question, 'deny');
  await refused;
});

test('what is refused in every mode is refused in both languages', () => {
  const refusal = shellTexts.blocked(shellTexts.destructive({ en: 'deletes the disk', zh: '会删除磁盘' }));
  expect(refusal).toEqual({
    en: 'Blocked: this command deletes the disk, which is never run from here.',
    zh: '已拦截（Blocked）：这条命令会删除磁盘，这里从不运行这样的命令。',
  });
});
