import { writeSync } from 'node:fs';
import { pino } from 'pino';
import { createJourney } from '../../src/journey.ts';

// A process whose messages are stored and acknowledged, and which says so; it ends where argv[2] says.
const logger = pino({ level: 'debug' }, pino.destination({ fd: 2, sync: true }));
const journey = createJourney(logger, process.argv[2]);
for (let n = 1; n <= 5; n += 1) {
  journey('event.received', `om_${n}`);
  journey('message.stored', `om_${n}`);
  writeSync(1, `${n}\n`);
}
