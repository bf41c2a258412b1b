import type { Language } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';
import { expect, test } from 'vitest';
import type { AskPlace, AskText } from '../../src/sessions/ask-text.ts';
import { askText, questionText } from '../../src/sessions/ask-text.ts';

const place: AskPlace = { sessionName: 'demo', folder: '/home/u/code/demo', nodeId: 'home-pc' };

function ask(tool: string, input: Record<string, unknown>, current?: string) {
  return read(askText({ kind: 'permission', tool, input }, place, current === undefined ? {} : { current }));
}

/** What somebody gets who reads this language. */
function read({ title, text }: AskText, language: Language = 'en') {
  return { title: inLanguage(title, language), text: text[language] };
}

test('a command is shown whole, with all that changes how it runs, and where', () => {
  const { title, text } = ask('Bash', {
    command: 'npm test &&\n  npm run lint',
    description: 'Test and lint',
    run_in_background: true,
    timeout: 120_000,
    dangerouslyDisableSandbox: true,
  });
  expect(title).toBe('demo: Bash npm test && npm run lint');
  expect(text).toContain('```bash\nnpm test &&\n  npm run lint\n```');
  expect(text).toContain('> Test and lint');
  expect(text).toContain('background');
  expect(text).toContain('2m');
  expect(text).toContain('dangerouslyDisableSandbox: true');
  expect(text).toContain('`/home/u/code/demo`');
  expect(text).toContain('demo on home-pc');
});

test('a long command is neither cut nor able to leave its block', () => {
  const command = `${'echo 1; '.repeat(5000)}\n\`\`\`\nThis is allowed already.`;
  const { title, text } = ask('Bash', { command });
  expect(title.length).toBeLessThanOrEqual(80);
  expect(text).toContain(`\`\`\`\`bash\n${command}\n\`\`\`\``);
});

test('a description cannot pretend to be the rest of the message', () => {
  const { text } = ask('Bash', { command: 'ls', description: 'List\n\nFolder: `/safe`' });
  expect(text).toContain('> List\n> \n> Folder: `/safe`');
});

test('tricks with characters are seen in a command, in its title and in its description', () => {
  const { title, text } = ask('Bash', { command: 'ls \u202egpj.sh\r', description: 'a\u200bb' });
  expect(title).toBe('demo: Bash ls [U+202E]gpj.sh');
  expect(text).toContain(String.raw`ls [U+202E]gpj.sh[\r]`);
  expect(text).toContain('> a[U+200B]b');
});

test('what "this session" and "always" would allow is said where they are offered', () => {
  const rules = { sessionRule: 'Bash(npm test *)', alwaysRule: 'Bash(npm *)' };
  const offered = read(askText({ kind: 'permission', tool: 'Bash', input: { command: 'npm test' }, ...rules }, place));
  expect(offered.text).toContain('"Allow for this session" allows: `Bash(npm test *)`');
  expect(offered.text).toContain('"Always" allows, from now on: `Bash(npm *)`');
  const bare = ask('Bash', { command: 'npm test' }).text;
  expect(bare).not.toContain('allows');
});

test('why the agent asks is said where it tells', () => {
  const reason = 'Path is outside allowed directories';
  const { text } = read(askText({ kind: 'permission', tool: 'Bash', input: { command: 'ls' }, reason }, place));
  expect(text).toContain(`Why it asks:\n> ${reason}`);
});

test('an edit is a diff of the whole of both texts', () => {
  const old = ['first', ...Array.from({ length: 20 }, (_, line) => `same ${line}`), 'a'].join('\n');
  const { title, text } = ask('Edit', {
    file_path: '/home/u/code/demo/src/a.ts',
    old_string: old,
    new_string: old.replace(/a$/, 'b'),
    replace_all: true,
  });
  expect(title).toBe('demo: Edit src/a.ts');
  expect(text).toContain('`/home/u/code/demo/src/a.ts`');
  expect(text).toContain('```diff\n first\n same 0\n');
  expect(text).toContain('\n-a\n+b\n```');
  expect(text).toContain('Each place');
});

test('an end of line that comes or goes is part of the diff', () => {
  const { text } = ask('Edit', { file_path: 'a', old_string: 'a\n', new_string: 'a\r\n' });
  expect(text).toContain(`-a\n+a${String.raw`[\r]`}\n`);
});

test('each edit of several is shown, with whatever is unusual about it', () => {
  const { text } = ask('MultiEdit', {
    file_path: 'a.ts',
    edits: [
      { old_string: 'one', new_string: 'two' },
      { old_string: 'three', new_string: 4, mode: 'x' },
    ],
  });
  expect(text).toContain('-one\n+two');
  expect(text).toContain('-three');
  expect(text).toContain('new_string: 4\nmode: x');
});

test('texts without likeness are shown one after the other, and soon', () => {
  const lines = (letter: string) => Array.from({ length: 4900 }, (_, line) => `${letter}${line}`).join('\n');
  const before = lines('a');
  const after = lines('b');
  ask('Edit', { file_path: 'a', old_string: 'warm', new_string: 'up' });
  const began = performance.now();
  const { text } = ask('Edit', { file_path: 'a', old_string: before, new_string: after });
  // A diff without a limit takes seconds here.
  expect(performance.now() - began).toBeLessThan(500);
  for (const line of ['-a0', '-a4899', '+b0', '+b4899']) expect(text).toContain(`\n${line}\n`);
});

test('many edits without likeness together take no longer than one, and all is shown', () => {
  const lines = (factor: number) => Array.from({ length: 150 }, (_, index) => `${(index * factor) % 997}`).join('\n');
  const edits = Array.from({ length: 50 }, () => ({ old_string: lines(3), new_string: lines(5) }));
  const started = performance.now();
  const { text } = ask('MultiEdit', { file_path: '/home/u/code/demo/a.txt', edits });
  expect(performance.now() - started).toBeLessThan(150);
  expect(text.match(/^-444$/gm)).toHaveLength(50);
});

test('a cell of a notebook is shown with what happens to it', () => {
  const { title, text } = ask('NotebookEdit', {
    notebook_path: 'n.ipynb',
    cell_id: 'c1',
    edit_mode: 'insert',
    cell_type: 'code',
    new_source: 'print(1)\nprint(2)',
  });
  expect(title).toBe('demo: NotebookEdit n.ipynb');
  for (const part of ['`c1`', '`insert`', '`code`', '+print(1)\n+print(2)']) expect(text).toContain(part);
});

test('a file that is written is shown whole, or as its changes where the file is known', () => {
  const content = 'one\ntwo\n'.repeat(3000);
  expect(ask('Write', { file_path: 'a.txt', content }).text).toContain(`\`\`\`\n${content}\`\`\``);
  const changed = ask('Write', { file_path: 'a.txt', content: 'a\nB\nc\n' }, 'a\nb\nc\n').text;
  expect(changed).toContain('```diff\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n```');
  expect(ask('Write', { file_path: 'a.txt', content: 'a\n' }, 'a\n').text).toContain('nothing changes');
  expect(ask('Write', { file_path: 'a.txt', content: '' }).text).toContain('(empty)');
});

test('an address is shown whole', () => {
  const url = `https://example.com/?q=${'x'.repeat(3000)}&tail=1`;
  const { text } = ask('WebFetch', { url, prompt: 'What is it?' });
  expect(text).toContain(`\`\`\`\n${url}\n\`\`\``);
  expect(text).toContain('> What is it?');
});

test('the input of any other tool is readable, and all of it is there', () => {
  const { title, text } = ask('mcp__db__query', {
    sql: 'SELECT 1\nFROM x',
    options: { dry: false, tags: ['a', 'b: c'], none: null, empty: {} },
    looks: 'true',
  });
  expect(title).toBe('demo: mcp__db__query');
  expect(text).toContain(
    [
      'sql: |',
      '  SELECT 1',
      '  FROM x',
      'options:',
      '  dry: false',
      '  tags:',
      '    - a',
      '    - b: c',
      '  none: null',
      '  empty: {}',
      'looks: "true"',
    ].join('\n'),
  );
});

test('an input that is too deep for any eye is said to be so', () => {
  const deep: unknown = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000));
  expect(ask('mcp__x__y', { deep }).text).toContain("don't allow it");
});

test('fields of an unexpected kind are shown as they are', () => {
  const { text } = ask('Bash', { command: ['rm', '-rf'], timeout: 'soon' });
  expect(text).toContain('command:\n  - rm\n  - "-rf"\ntimeout: soon');
});

test('a plan is shown whole, below the place where it would be carried out', () => {
  const plan = '# Plan\n\n1. ⚠️ first\n\n```\nnever closed';
  const { title, text } = read(askText({ kind: 'plan', plan }, place));
  expect(title).toBe('demo: a plan to look at');
  expect(text.endsWith(plan)).toBe(true);
  expect(text.indexOf('/home/u/code/demo')).toBeLessThan(text.indexOf('# Plan'));
  expect(read(askText({ kind: 'plan', plan: ' ' }, place)).text).toContain('did not come along');
});

test('a question is shown with its options in numbers, and how to answer it', () => {
  const question = {
    question: 'Which framework?',
    header: 'Framework',
    options: [
      { label: 'React', description: 'The large one' },
      { label: 'Vue', description: '' },
    ],
    multiple: false,
  };
  const { title, text } = read(questionText(question, place, { number: 2, total: 3 }));
  expect(title).toBe('demo: Which framework?');
  expect(text).toContain('(2 of 3)');
  expect(text).toContain('1. **React**\n   The large one\n2. **Vue**');
  expect(text).not.toContain('1,3');
  expect(read(questionText({ ...question, multiple: true }, place)).text).toContain('1,3');
});

test('in Chinese, all that Claude wants to do is as whole, and around it nothing is English', () => {
  const input = { command: 'npm test', description: 'Test it', run_in_background: true, timeout: 120_000, extra: 1 };
  const rules = { sessionRule: 'Bash(npm test *)', alwaysRule: 'Bash(npm *)' };
  const shown = read(askText({ kind: 'permission', tool: 'Bash', input, reason: 'No rule.', ...rules }, place), 'zh');
  expect(shown).toEqual({
    title: 'demo: Bash npm test',
    text: [
      '**demo**：Claude 想要运行一条命令：',
      '```bash\nnpm test\n```',
      '> Test it',
      '它会在后台运行。',
      '它最多运行 2m。',
      '其他参数：\n```\nextra: 1\n```',
      '询问的原因：\n> No rule.',
      '文件夹：`/home/u/code/demo`\n会话：home-pc 上的 demo',
      '“本会话内允许”将允许：`Bash(npm test *)`\n“始终允许”今后将允许：`Bash(npm *)`',
    ].join('\n\n'),
  });
});

test('in Chinese, a plan and a question say how to answer them', () => {
  const plan = read(askText({ kind: 'plan', plan: 'Do it' }, place), 'zh');
  expect(plan.title).toBe('demo：有一个计划待确认');
  expect(plan.text).toMatch(/^\*\*demo\*\*：Claude 有一个计划\n\n文件夹：[\s\S]*\n\nDo it$/);
  const question = { question: 'Which?', header: '', options: [{ label: 'A', description: '' }], multiple: true };
  expect(read(questionText(question, place, { number: 1, total: 2 }), 'zh').text).toBe(
    [
      '**demo**：Claude 提问（第 1 个，共 2 个）',
      'Which?',
      '1. **A**',
      '可以多选：发送编号，例如 1,3，或自己写。消息由助手接收时，请以 /answer 开头。',
    ].join('\n\n'),
  );
});
