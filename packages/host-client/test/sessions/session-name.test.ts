import { expect, test } from 'vitest';
import { findSession, sessionName } from '../../src/sessions/session-name.ts';

test.each([
  ['/home/u/todo_app', 'todo_app'],
  ['/home/u/todo_app/', 'todo_app'],
  [String.raw`C:\work\My App`, 'My-App'],
  ['/x/a b\u202e(c)!', 'a-b-c'],
  ['/x/项目.v2-β', '项目.v2-β'],
  ['/x/cafe\u0301', 'café'],
  ['/', 'session'],
  ['/x/..', 'session'],
  ['/x/🙂', 'session'],
])('the session in %s is called %s', (folder, name) => {
  expect(sessionName(folder, [])).toBe(name);
});

test('a name is taken once, in any case of letters, and stays short', () => {
  expect(sessionName('/x/demo', ['Demo'])).toBe('demo-2');
  expect(sessionName('/x/demo', new Set(['demo', 'demo-2', 'other']))).toBe('demo-3');
  const long = sessionName(`/x/${'a'.repeat(60)}`, []);
  expect(long).toBe('a'.repeat(40));
  expect(sessionName(`/x/${'a'.repeat(60)}`, [long])).toBe(`${'a'.repeat(38)}-2`);
  expect(sessionName(`/x/${'𠀀'.repeat(30)}`, ['x']).isWellFormed()).toBe(true);
});

const sessions = [
  { id: 'aaaaaa', name: 'todo_app' },
  { id: 'bbbbbb', name: 'todo' },
  { id: 'cccccc', name: 'Blog' },
  { id: 'dddddd', name: '2' },
];

function found(text: string, listed?: readonly string[]): unknown {
  const result = findSession(sessions, text, listed);
  return result.kind === 'found' ? result.session.name : result;
}

test('a session is found by its number in the list that was seen, its id, its name, or how that begins', () => {
  expect(found('1')).toBe('todo_app');
  expect(found('#3')).toBe('Blog');
  expect(found('1', ['cccccc', 'aaaaaa'])).toBe('Blog');
  expect(found('bbbbbb')).toBe('todo');
  expect(found('todo')).toBe('todo');
  expect(found('todo_')).toBe('todo_app');
  expect(found(' BL ')).toBe('Blog');
});

test('a number that was not in the list may be a name', () => {
  expect(found('2', ['cccccc'])).toBe('2');
});

test('several are told, and so is the nearest where there is none', () => {
  expect(findSession(sessions, 'tod')).toEqual({ kind: 'several', sessions: sessions.slice(0, 2) });
  expect(findSession(sessions, 'blgo')).toEqual({ kind: 'none', nearest: 'Blog' });
  expect(findSession(sessions, 'something else')).toEqual({ kind: 'none' });
  expect(findSession(sessions, ' ')).toEqual({ kind: 'none' });
  expect(findSession(sessions, '9')).toEqual({ kind: 'none', nearest: '2' });
});
