import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { createJourney } from '../src/journey.ts';
import { Child } from './fakes/child.ts';
import { recordingLogger } from './fakes/recording-logger.ts';

test('each step of a message is a line at debug level', () => {
  const { logger, lines } = recordingLogger();
  const journey = createJourney(logger);
  journey('event.received', 'om_1');
  expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
    { level: 20, step: 'event.received', id: 'om_1', msg: 'journey' },
  ]);
});

test('a step that does not exist can not be asked for', () => {
  const { logger } = recordingLogger();
  expect(() => createJourney(logger, 'event.forgotten')).toThrow(new RangeError('there is no step event.forgotten'));
  expect(() => createJourney(logger, 'event.acked:2')).not.toThrow();
  expect(() => createJourney(logger, '')).not.toThrow();
});

test('a test can have the process end at a step, as in a power cut, after that was logged', async () => {
  await using child = new Child('./journey-process.ts', { args: ['message.stored:3'] });
  await waitFor(() => child.exitCode !== undefined);
  expect(await child.ended()).toBeNull();
  expect(child.stdout).toBe('1\n2\n');
  expect(child.stderr.match(/message\.stored/g)).toHaveLength(3);
});
