import { expect, test } from 'vitest';
import { nearest } from '../src/nearest.ts';

const commands = ['/status', '/sessions', '/stop', '/shell', '/tasks', '/task'];

test.each([
  ['/satus', '/status'],
  ['/STATUS', '/status'],
  ['/session', '/sessions'],
  ['/shel', '/shell'],
  ['/tsak', '/task'],
  ['/stopp', '/stop'],
  ['/tasks', '/tasks'],
])('%s is meant as %s', (word, meant) => {
  expect(nearest(word, commands)).toBe(meant);
});

test('of two that are equally near, the first is meant', () => {
  expect(nearest('cat', ['bat', 'hat'])).toBe('bat');
});

test('what is like nothing has no nearest', () => {
  expect(nearest('/deploy-everything', commands)).toBeUndefined();
  expect(nearest('家', ['/status'])).toBeUndefined();
  expect(nearest('/status', [])).toBeUndefined();
});
