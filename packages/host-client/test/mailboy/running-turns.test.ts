import { expect, test } from 'vitest';
import { RunningTurns } from '../../src/mailboy/running-turns.ts';

test('a turn runs from its beginning to its end, for its user alone', () => {
  const turns = new RunningTurns();
  expect(turns.isRunning('alice')).toBe(false);
  expect(turns.elapsedMs('alice')).toBeUndefined();
  turns.begin('alice', 'm1');
  expect(turns.isRunning('alice')).toBe(true);
  expect(turns.elapsedMs('alice')).toBeGreaterThanOrEqual(0);
  expect(turns.isRunning('bob')).toBe(false);
  turns.end('m1');
  turns.end('m1');
  expect(turns.isRunning('alice')).toBe(false);
});

test("stopping ends the user's turn, and says whether there was one", () => {
  const turns = new RunningTurns();
  const alice = turns.begin('alice', 'm1');
  const bob = turns.begin('bob', 'm2');
  expect(turns.stop('carol')).toBe(false);
  expect(turns.stop('alice')).toBe(true);
  expect([alice.signal.aborted, bob.signal.aborted]).toEqual([true, false]);
  expect([alice.abortedBy(), bob.abortedBy()]).toEqual(['user', undefined]);
});

test('one turn can be ended by its id, and an id that does not run ends nothing', () => {
  const turns = new RunningTurns();
  const turn = turns.begin('alice', 'm1');
  turns.stopTurn('m0');
  expect(turn.signal.aborted).toBe(false);
  turns.stopTurn('m1');
  expect(turn.abortedBy()).toBe('user');
});

test('a shutdown ends all turns, and does not take over what a user stopped', () => {
  const turns = new RunningTurns();
  const alice = turns.begin('alice', 'm1');
  const bob = turns.begin('bob', 'm2');
  turns.stop('alice');
  turns.abortAll();
  expect([alice.abortedBy(), bob.abortedBy()]).toEqual(['user', 'shutdown']);
  expect(bob.signal.aborted).toBe(true);
});

test('beginning a turn again gives the same turn, stopped if it was stopped', () => {
  const turns = new RunningTurns();
  turns.begin('alice', 'm1');
  turns.stop('alice');
  expect(turns.begin('alice', 'm1').abortedBy()).toBe('user');
});

test("a turn that began in a commit is nobody's while its message is not stored, and goes on in `begin`", () => {
  const turns = new RunningTurns();
  let isStored = true;
  turns.beginInCommit('alice', 'm1', () => isStored);
  expect(turns.isRunning('alice')).toBe(true);
  isStored = false;
  turns.forget('alice');
  expect([turns.isRunning('alice'), turns.stop('alice'), turns.elapsedMs('alice')]).toEqual([false, false, undefined]);
  isStored = true;
  expect(turns.stop('alice')).toBe(true);
  expect(turns.begin('alice', 'm1').abortedBy()).toBe('user');
  expect(turns.isForgotten('m1')).toBe(false);
  isStored = false;
  expect(turns.isRunning('alice')).toBe(true);
});

test('the late end of an earlier turn does not end the one that runs', () => {
  const turns = new RunningTurns();
  turns.begin('alice', 'm1');
  const second = turns.begin('alice', 'm2');
  turns.end('m1');
  expect(turns.isRunning('alice')).toBe(true);
  turns.stop('alice');
  expect(second.signal.aborted).toBe(true);
});
