import { isExecutable } from '../shell/shell-program.ts';
import type { LineProcessSpec } from './line-process.ts';

/** What the script says once the terminal hands on every byte as it is. */
export const readyLine = 'PW_READY';

/**
 * Runs "$@", and reports on it in lines that begin with a mark. The mark comes as the first line of input, so that it
 * stands neither in the environment nor in the list of processes, where the program could find it.
 *
 * - The program's input is a pipe, as Claude Code refuses a terminal; its output is the terminal.
 * - `mark pid N`, then the program's output, then `mark` (which ends an unfinished last line), then `mark exit N`.
 * - cat then waits for the terminal to be closed: until then nothing of the output can get lost.
 * - When we are killed, the program gets SIGHUP. Its input ends only after that: Claude Code would take an end for a "no"
 *   to what it asks, and could not ask again when the turn is continued.
 * - What the shell itself would say of a killed program (`Killed`) goes nowhere.
 */
const runReporting = `
stty raw -echo && printf '${readyLine}\\n' && read -r mark || exit
{
  trap '' HUP
  cat
  exec sleep 2
} | {
  (
    printf '%s pid %s\\n' "$mark" "$(exec /bin/sh -c 'echo "$PPID"')"
    exec "$@"
  ) 2>&3 3>&-
  printf '%s\\n%s exit %s\\n' "$mark" "$mark" "$?"
} 3>&2 2>/dev/null
`;

/**
 * node-pty leaves everything open in the child on Linux, also other sessions' terminals, which would then outlive us.
 * dash knows no descriptor of two digits, so this takes bash.
 */
const closeInherited = `
for fd in /proc/self/fd/*; do
  fd=\${fd##*/}
  [ "$fd" -le 2 ] || eval "exec $fd>&-"
done
`;

export type PtyScript = { readonly shell: string; readonly args: readonly string[] };

/** What is to run in a terminal, so that it can be talked to in lines. */
export async function ptyScript({ command, args, env }: LineProcessSpec): Promise<PtyScript> {
  const usesBash = process.platform === 'linux' && (await isExecutable('/bin/bash'));
  // Without TERM node-pty makes one up.
  const parts = [usesBash ? closeInherited : '', env.TERM === undefined ? 'unset TERM' : '', runReporting];
  const script = parts.join('');
  return usesBash
    ? // Else bash would run what BASH_ENV names.
      { shell: '/bin/bash', args: ['--posix', '-c', script, 'sh', command, ...args] }
    : { shell: '/bin/sh', args: ['-c', script, 'sh', command, ...args] };
}
