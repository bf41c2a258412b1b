import { describe, expect, test } from 'vitest';
import { readProse, readResults } from '../../src/web/answers.ts';

const result = { title: 'Vite 8', url: 'https://vite.dev/blog', snippet: 'It is out.', date: '2026-03-01' };
const raw = {
  title: 'Vite 8',
  link: 'https://vite.dev/blog',
  snippet: 'It is out.',
  date: '2026-03-01',
  score: 'high',
};

describe('results', () => {
  test.each([
    ['of a search for pages', { credits: 3, searchParameters: { q: 'vite' }, webpages: [raw], total: 1 }],
    ['of a search for papers', { credits: 3, scholars: [raw], relatedSearches: [] }],
    ['one level further in', { code: 0, data: { webpages: [raw] } }],
    ['as a bare list', [raw]],
    ['beside lists of other things', { tips: ['a', 'b'], webpages: [raw] }],
  ])('are read %s', (_, answer) => {
    expect(readResults(JSON.stringify(answer))).toEqual([result]);
  });

  test('say more where a summary was made', () => {
    const answer = { webpages: [{ ...raw, summary: 'All that is new.' }] };
    expect(readResults(JSON.stringify(answer))).toMatchObject([{ snippet: 'All that is new.' }]);
  });

  test('go without what is missing or is no text, and without addresses that are none of the web', () => {
    const answer = {
      webpages: [{ title: 'A', link: 'javascript:alert(1)', date: 7 }, { url: 'http://b.example' }, {}],
    };
    expect(readResults(JSON.stringify(answer))).toEqual([
      { title: 'A', url: '', snippet: '', date: '' },
      { title: '', url: 'http://b.example', snippet: '', date: '' },
    ]);
  });

  test('may be none', () => {
    expect(readResults('{"webpages":[],"total":0}')).toEqual([]);
  });

  test.each(['', 'plain words', '7', 'null', '{"a":', '{"message":"no credit"}', '{"tips":["a","b"]}'])(
    'are not made out of %j',
    (answer) => {
      expect(readResults(answer)).toBeUndefined();
    },
  );
});

describe('prose', () => {
  test.each([
    ['# Title\n\nwords', { title: '', text: '# Title\n\nwords', sources: [] }],
    ['"quoted"', { title: '', text: 'quoted', sources: [] }],
    ['{"a":', { title: '', text: '{"a":', sources: [] }],
    ['[1]', { title: '', text: '[1]', sources: [] }],
    ['{"odd":true}', { title: '', text: '{"odd":true}', sources: [] }],
    ['{"title":"T","url":"https://a","markdown":"# words"}', { title: 'T', text: '# words', sources: [] }],
    ['{"code":0,"data":{"answer":"yes"}}', { title: '', text: 'yes', sources: [] }],
    ['{"choices":[{"message":{"content":"yes"}}]}', { title: '', text: 'yes', sources: [] }],
  ])('of %s', (answer, prose) => {
    expect(readProse(answer)).toEqual(prose);
  });

  test('names its sources', () => {
    expect(readProse(JSON.stringify({ answer: 'yes', references: [raw] }))).toEqual({
      title: '',
      text: 'yes',
      sources: [result],
    });
  });
});
