import { startPtyProcess } from '../../src/sessions/pty-process.ts';

/** Starts each shell script of its arguments in a terminal of its own, says `up`, and stays until it is killed. */
const { PATH = '/bin:/usr/bin', MARK = '' } = process.env;
for (const script of process.argv.slice(2)) {
  await startPtyProcess({
    command: '/bin/sh',
    args: ['-c', script],
    cwd: '/',
    env: { PATH, MARK },
    onLine: () => {},
  });
}
process.stdout.write('up\n');
