import { describe, expect, test } from 'vitest';
import { bilingual, inLanguage, join, languageOf } from '../../src/language/language.ts';

describe('the language of a message', () => {
  test.each([
    '帮我看一下这个项目',
    '好',
    '继续。',
    '把 login 的 bug fix 一下，然后 run tests',
    'TypeError: Cannot read properties of undefined 是什么意思？',
    '/new 登录页: 修一下 bug',
    '/remind 10分钟后 喝水',
    '  👍 可以',
    '為什麼測試失敗',
    `看看这个\n${'log line\n'.repeat(10_000)}`,
  ])('%j is Chinese', (message) => {
    expect(languageOf(message)).toBe('zh');
  });

  test.each([
    'what is in this project?',
    'fix the login bug in todo_app',
    "Don't do it!",
    'go on',
    'Run the tests, then push. 🚀',
    'why does this fail?\n```\nconst greeting = "你好";\n```',
    'see https://example.com for details please',
    'Où est la gare ?',
    `read this\n${'log line\n'.repeat(10_000)}`,
  ])('%j is read by who reads English', (message) => {
    expect(languageOf(message)).toBe('en');
  });

  test.each([
    '',
    '42',
    '3.14 + 2',
    'y',
    'ok',
    'yes!',
    'npm',
    '👍',
    '🎉🎉',
    '???',
    '/status',
    '/new todo_app: fix the login bug',
    '!ls -la /tmp',
    'https://github.com/example/project/issues/1',
    'src/index.ts',
    'C:\\Users\\alice\\notes.txt',
    'const answer=42;',
    '```\nnpm run build and then some\n```',
    '안녕하세요 테스트',
    'これはテストです',
    '日本語のテストを直して',
    'Привет, как дела',
  ])('%j does not tell', (message) => {
    expect(languageOf(message)).toBeUndefined();
  });

  test('a megabyte is looked at in a moment', () => {
    const before = performance.now();
    for (const message of ['`'.repeat(1e6), 'a'.repeat(1e6), '/'.repeat(1e6), '(" '.repeat(3e5)]) languageOf(message);
    expect(performance.now() - before).toBeLessThan(50);
  });
});

test('what a person, a model or a program wrote is said as it is, a text in the language of the reader', () => {
  expect(inLanguage('做完了', 'en')).toBe('做完了');
  expect(inLanguage({ en: 'Stopped.', zh: '已停止。' }, 'zh')).toBe('已停止。');
});

test('texts and words are put together in each language, without what is empty', () => {
  expect(join(['', 'a.txt', { en: 'not sent', zh: '没有发送' }], ' · ')).toEqual({
    en: 'a.txt · not sent',
    zh: 'a.txt · 没有发送',
  });
  expect(bilingual((language) => `✓ ${language}`)).toEqual({ en: '✓ en', zh: '✓ zh' });
});
