/** Legal input, written so that reading it takes as long as it can. */

const ANSWER_CHARS = 300_000;
const LINE_CHARS = 20_400;
const FRAME_CHARS = 1_000_000;

/** Answers of a model, by what they are full of. */
export const hostileAnswers: Readonly<Record<string, string>> = {
  prose: filled('The quick brown fox jumps over the lazy dog. ', ANSWER_CHARS),
  items: filled('- a\n', ANSWER_CHARS),
  links: filled('[a](b) ', ANSWER_CHARS),
  code: filled('`a` ', ANSWER_CHARS),
  tables: filled('| a | b |\n|---|---|\n| c | d |\n\n', ANSWER_CHARS),
  tags: filled('<b>', ANSWER_CHARS),
  escapes: filled('\u001b[31m', ANSWER_CHARS),
  headings: filled('# a\n', ANSWER_CHARS / 3),
};

/** Command lines of a model: as long as one that is judged can be. */
export const hostileLines: readonly string[] = [
  filled('a&&', LINE_CHARS),
  filled('a=$a;', LINE_CHARS),
  filled('$(', LINE_CHARS),
  filled('<<a ', LINE_CHARS),
  filled('$((1+', LINE_CHARS),
  filled('eval "a;b";', LINE_CHARS),
  filled('rm -rf $(echo ./a);', LINE_CHARS),
  `bash -c '${filled('a;', LINE_CHARS - 20)}'`,
  filled('a', 60_000),
];

/** Frames of a node, each about as long as one may be, or of as many parts. */
export const hostileFrames: readonly object[] = [
  {
    type: 'status',
    sessions: Array.from({ length: 2000 }, (_, index) => ({ id: `s${index}`, name: 'n'.repeat(400), state: 'idle' })),
    tasks: 0,
  },
  { type: 'progress', id: 'nobody', text: filled('`a` ', FRAME_CHARS) },
  { type: 'progress', id: 'nobody', text: filled('"\\', FRAME_CHARS / 4) },
  { type: 'forward_response', id: 'nobody', reply: filled('- a\n', FRAME_CHARS / 2) },
  { type: 'hologram', levels: Array.from({ length: 190 }, () => nested(200)) },
  { type: 'hologram', words: Array.from({ length: 39_000 }, (_, index) => `word ${index}`) },
  {
    type: 'hologram',
    objects: Array.from({ length: 9000 }, (_, index) => ({ [`a${index % 240}`]: [], [`b${index % 241}`]: 0 })),
  },
];

/** Frames that no node may send: each ends its connection. */
export const forbiddenFrames: readonly object[] = [
  { type: 'hologram', levels: Array.from({ length: 2400 }, () => nested(200)) },
  { type: 'hologram', fields: Object.fromEntries(Array.from({ length: 80_000 }, (_, index) => [`f${index}`, 0])) },
];

function filled(piece: string, chars: number): string {
  return piece.repeat(Math.floor(chars / piece.length));
}

function nested(depth: number): unknown {
  return depth === 0 ? [] : [nested(depth - 1)];
}
