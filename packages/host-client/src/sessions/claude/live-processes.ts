import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';

/** What each running Claude Code writes of itself into `sessions/PID.json`; a killed one leaves it behind. */
const Registration = z.object({ pid: z.int().positive(), sessionId: z.string(), procStart: z.string().optional() });

/** The pid of a live process that has the conversation open, and is not among `except`. */
export async function findLiveProcess(
  configDir: string,
  conversationId: string,
  except: ReadonlySet<number>,
): Promise<number | undefined> {
  const folder = join(configDir, 'sessions');
  const names = await readdir(folder).catch((): string[] => []);
  const files = names.filter((name) => /^\d+\.json$/.test(name));
  const registrations = await Promise.all(files.map((name) => readRegistration(join(folder, name))));
  for (const registration of registrations) {
    if (registration?.sessionId !== conversationId || except.has(registration.pid)) continue;
    if (await isSame(registration.pid, registration.procStart)) return registration.pid;
  }
  return undefined;
}

/** Undefined for one that is gone, or half written. */
async function readRegistration(path: string): Promise<z.infer<typeof Registration> | undefined> {
  try {
    return Registration.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Whether the process is alive, and no later one with the same pid. */
async function isSame(pid: number, startedAt: string | undefined): Promise<boolean> {
  if (process.platform === 'win32') return isAlive(pid);
  const found = await startOf(pid);
  return found !== undefined && (startedAt === undefined || found === startedAt);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** As Claude Code notes it: ticks since the boot on Linux, a date elsewhere. Undefined for a process that is gone. */
async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
    // The program's name in front is in parentheses, and may contain some.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return /^[ZX]?$/.test(fields[0] ?? '') ? undefined : fields[19];
  }
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
  return await promisify(execFile)('ps', ['-o', 'lstart=', '-p', `${pid}`], { env }).then(
    ({ stdout }) => stdout.trim() || undefined,
    () => undefined,
  );
}
