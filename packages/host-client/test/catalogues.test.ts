import { readCatalogues } from '@phonework/testkit/catalogue';
import { expect, test } from 'vitest';
import type { Job } from '../src/tasks/job.ts';
import type { Task } from '../src/tasks/task.ts';
import { TimeZone } from '../src/tasks/time-zone.ts';

const clock = { now: 0, zone: new TimeZone('Asia/Shanghai') };
const job: Job = {
  id: 'argone',
  userId: 'alice',
  chatId: 'chat',
  message: 'argtwo',
  sessionId: 'argthree',
  at: 400 * 86_400_000,
  repeat: { kind: 'days', days: 3, minuteOfDay: 0 },
  runsLeft: 2,
};
const task: Task = {
  id: 'argone',
  userId: 'alice',
  chatId: 'chat',
  description: 'argtwo',
  subject: { kind: 'shell', command: 'argthree', cwd: '/argfour' },
  state: 'interrupted',
  createdAt: 0,
  startedAt: 0,
  endedAt: 1000,
};
const output = { text: 'argthree '.repeat(1000), leftOut: 1 };

/** For those that no made-up arguments fit. */
const samples = {
  'reminderTexts set': [job, clock],
  'reminderTexts list': [[job], clock],
  'reminderTexts refusals past': [{ ...clock, at: -86_400_000 }],
  'taskTexts notice': [task, output],
  'taskCommandTexts cancelled': ['argone', 'ended'],
  'taskCommandTexts line': [task, 2000],
  'taskCommandTexts details': [task, output, { now: 2000, logPath: '/argfour' }],
  'filesTexts special': ['argone', 'pipe'],
  'sessionCommandTexts modeUsage': ['plan', ['plan']],
  'approvalTexts severalOpen': [[{ number: 1, title: 'argone' }]],
};

test('every text is there in both languages, with what it is about', async () => {
  const { texts, faults, uncalled } = await readCatalogues(new URL('../src/', import.meta.url), samples);
  expect(faults).toEqual([]);
  // What these make is for the model alone.
  expect(uncalled.filter((path) => !/^tools\/.* render\w+$/.test(path))).toEqual([]);
  expect(texts).toBeGreaterThan(300);
});
