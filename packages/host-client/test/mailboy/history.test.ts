import type { ChatMessage } from '@phonework/shared/llm';
import { expect, test } from 'vitest';
import { fitHistory } from '../../src/mailboy/history.ts';

function talk(question: string, reply: string): readonly ChatMessage[] {
  return [
    { role: 'user', content: question },
    { role: 'assistant', content: reply },
  ];
}

function toolTurn(...outputs: readonly string[]): readonly ChatMessage[] {
  const toolCalls = outputs.map((_, index) => ({ id: `c${index}`, name: 'run_shell', arguments: '{"command":"ls"}' }));
  const results = outputs.map((content, index) => ({ role: 'tool' as const, toolCallId: `c${index}`, content }));
  return [{ role: 'user', content: 'look' }, { role: 'assistant', content: '', toolCalls }, ...results];
}

test('everything is kept, oldest first, while it fits', () => {
  const turns = [talk('one', '1'), talk('two', '2')];
  expect(fitHistory(turns, 1000)).toEqual(turns.flat());
  expect(fitHistory([], 1000)).toEqual([]);
});

test('the newest turns are kept, each whole', () => {
  const turns = [talk('old', 'x'.repeat(400)), talk('middle', 'y'.repeat(400)), talk('new', 'z'.repeat(400))];
  // Each costs 8 for the marks, 1 or 2 for the question, and 100.
  expect(fitHistory(turns, 225)).toEqual(turns.slice(1).flat());
  expect(fitHistory(turns, 120)).toEqual(turns.slice(2).flat());
});

test('a turn that does not fit ends the history: what lies behind it would be out of place', () => {
  const turns = [talk('small', 's'), talk('big', 'b'.repeat(4000)), talk('new', 'n')];
  expect(fitHistory(turns, 100)).toEqual(turns[2]);
});

test('a Chinese character counts as a token, four Latin letters as one', () => {
  const chinese = [talk('文'.repeat(100), '')];
  const latin = [talk('a'.repeat(400), '')];
  for (const turns of [chinese, latin]) {
    expect(fitHistory(turns, 108)).toHaveLength(2);
    expect(fitHistory(turns, 107)).toEqual([]);
  }
});

test('in a turn that is too big the tool results are shortened, the small ones last, and no call loses its result', () => {
  const turn = toolTurn(`first ${'x'.repeat(40_000)} last`, 'short result', '文'.repeat(5000));
  const fitted = fitHistory([turn], 600);
  expect(fitted.map((message) => message.role)).toEqual(['user', 'assistant', 'tool', 'tool', 'tool']);
  expect(fitted.slice(0, 2)).toEqual(turn.slice(0, 2));
  expect(fitted[2]?.content).toMatch(/^first x+\n\[… \d+ of 40011 characters left out …\]\nx+ last$/);
  expect(fitted[3]?.content).toBe('short result');
  expect(fitted[4]?.content).toMatch(/characters left out/);
  // It really fits: given the same budget again, nothing more is taken away.
  expect(fitHistory([fitted], 600)).toEqual(fitted);
});

test('a turn that is too big even without its tool results is left out', () => {
  expect(fitHistory([talk('x'.repeat(10_000), 'y')], 500)).toEqual([]);
  expect(fitHistory([toolTurn('x'.repeat(1000), 'y'.repeat(1000))], 100)).toEqual([]);
  expect(fitHistory([[...toolTurn('small'), { role: 'assistant', content: 'x'.repeat(10_000) }]], 500)).toEqual([]);
});

test('shortening never leaves half of an emoji', () => {
  const fitted = fitHistory([toolTurn('😀'.repeat(2000))], 300);
  expect(fitted[2]?.content).toMatch(/left out/);
  expect(fitted[2]?.content.isWellFormed()).toBe(true);
});
