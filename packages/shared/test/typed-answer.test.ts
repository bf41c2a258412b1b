import { expect, test } from 'vitest';
import { findTyped, findYesOrNo, namesOf } from '../src/typed-answer.ts';

const options = [
  { id: 'later', label: 'Ask me later…', style: 'default' },
  { id: 'once', label: 'Allow once', style: 'primary' },
  { id: 'always', label: 'Always 允许', style: 'primary' },
  { id: 'deny', label: 'Deny', style: 'danger' },
  { id: 'deny-all', label: 'Deny all', style: 'danger' },
] as const;

test.each([
  ['2', 'once'],
  [' ２。', 'once'],
  ['#2', 'once'],
  ['（2）', 'once'],
  ['2)', 'once'],
  ['"2"', 'once'],
  ['ALLOW ONCE', 'once'],
  ['«Allow once»!', 'once'],
  ['always 允许', 'always'],
  ['ask me later', 'later'],
  ['deny-all', 'deny-all'],
  ['ｄｅｎｙ', 'deny'],
])('the button that %j stands for is %j', (text, id) => {
  expect(findTyped(options, text)?.id).toBe(id);
  expect(findYesOrNo(options, text)).toBeUndefined();
});

test.each(['y', 'Yes', 'OK!', 'ok。', '允许', ' 同意 ', '是！', 'ｙｅｓ'])(
  '%j is the first button that agrees',
  (text) => {
    expect(findYesOrNo(options, text)?.id).toBe('once');
    expect(findTyped(options, text)).toBeUndefined();
  },
);

test.each(['n', 'NO', 'no.', '拒绝', '否', '不。'])('%j is the first button that refuses', (text) => {
  expect(findYesOrNo(options, text)?.id).toBe('deny');
  expect(findTyped(options, text)).toBeUndefined();
});

const none = [
  '',
  ' ',
  '...',
  '-1',
  '0',
  '6',
  '123',
  '1 2',
  '1,2',
  'yes?',
  '2?',
  '/2',
  '/yes',
  '@once',
  'yes please',
  'nope',
];

test.each([...none, '不是', '__proto__', 'once'.padEnd(400, '!'), '!'.repeat(100_000)])('%j is no answer', (text) => {
  expect(findTyped(options, text)).toBeUndefined();
  expect(findYesOrNo(options, text)).toBeUndefined();
});

test('yes and no mean nothing where no button agrees or refuses', () => {
  const plain = options.slice(0, 1);
  for (const word of ['y', 'n']) expect(findYesOrNo(plain, word)).toBeUndefined();
});

test('a button can be typed by its name in either language, whichever is shown', () => {
  const labels = [{ en: 'Continue', zh: '继续' }, { en: 'Drop', zh: '丢弃' }, 'npm test'] as const;
  for (const language of ['en', 'zh'] as const) {
    const shown = labels.map(
      (label, index) => ({ id: `${index}`, style: 'default', ...namesOf(label, language) }) as const,
    );
    const typed = ['continue', '继续。', 'Drop', '丢弃', 'npm test', '取消'];
    expect(typed.map((text) => findTyped(shown, text)?.id)).toEqual(['0', '0', '1', '1', '2', undefined]);
  }
});

test('what is shown on a button goes before what another one is called in the other language', () => {
  const shown = [
    { id: 'a', label: 'Go', also: '停', style: 'default' },
    { id: 'b', label: '停', style: 'default' },
  ] as const;
  expect(findTyped(shown, '停')?.id).toBe('b');
});
