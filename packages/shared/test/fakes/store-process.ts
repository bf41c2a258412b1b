import { pino } from 'pino';
import { openStore } from '../../src/store.ts';

// A program with a store: opens argv[2], says so, and writes a row after the other until it is killed, saying which
// ones it was told are on the disk.
const store = openStore({
  path: process.argv[2] ?? '',
  migrations: ['CREATE TABLE numbers (n INTEGER PRIMARY KEY) STRICT'],
  logger: pino({ level: 'silent' }),
});
process.stdout.write('open\n');
for (let n = 1; ; n += 1) {
  await store.write(() => store.prepare('INSERT INTO numbers VALUES (?)').run(n));
  process.stdout.write(`${n}\n`);
}
