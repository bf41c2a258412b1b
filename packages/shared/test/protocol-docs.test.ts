import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeNodeFrame, decodeRouterFrame, NodeFrame, RouterFrame } from '../src/protocol.ts';

const page = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8');

const ends = [
  { end: 'node', heading: 'Frames from the node', decode: decodeNodeFrame, union: NodeFrame },
  { end: 'router', heading: 'Frames from the router', decode: decodeRouterFrame, union: RouterFrame },
] as const;

test.each(ends)('every example of a frame from the $end is read as it is written', ({ heading, decode }) => {
  const examples = examplesUnder(heading);
  expect(examples).not.toEqual([]);
  // A field that the schema does not know is left out of what was read.
  for (const example of examples) expect(decode(JSON.stringify(example))).toEqual(example);
});

test.each(ends)('the page shows every frame of the $end', ({ heading, union }) => {
  const shown = new Set(examplesUnder(heading).map(typeOf));
  expect([...shown].toSorted()).toEqual(union.options.map((option) => option.shape.type.value).toSorted());
});

/** The JSON blocks of one chapter. */
function examplesUnder(heading: string): unknown[] {
  const chapter = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return [...chapter.matchAll(/^```json\n([\s\S]*?)^```/gm)].map(([, json = '']) => JSON.parse(json));
}

function typeOf(example: unknown): unknown {
  return example instanceof Object && 'type' in example ? example.type : undefined;
}
