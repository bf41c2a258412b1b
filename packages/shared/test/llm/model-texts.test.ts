import { readCatalogues } from '@phonework/testkit/catalogue';
import { expect, test } from 'vitest';

test('what people are told of the model is there in both languages, with what it is about', async () => {
  const { texts, faults, uncalled } = await readCatalogues(new URL('../../src/llm/', import.meta.url));
  expect(faults).toEqual([]);
  expect(uncalled).toEqual([]);
  expect(texts).toBeGreaterThan(10);
});
