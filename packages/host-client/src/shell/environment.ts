import { delimiter, isAbsolute } from 'node:path';

/** What programs need to find themselves, the user and their language. Everything else of ours stays with us. */
const passedOn = /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TMPDIR|TZ|SSH_AUTH_SOCK)$/;

const passedOnWindows =
  /^(PATH|PATHEXT|SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|TEMP|TMP|USERNAME|USERPROFILE|HOMEDRIVE|HOMEPATH|APPDATA|LOCALAPPDATA|PROGRAMDATA|PROGRAMFILES|PROGRAMFILES\(X86\))$/i;

/**
 * The environment of every program that we start for a user or a model: chosen names of `parent`, which is ours and
 * holds secrets. Relative entries of PATH are dropped: with one, a project's own file could pass for a system program.
 */
export function childEnvironment(
  parent: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const child: Record<string, string> = {};
  for (const [name, value] of Object.entries(parent)) {
    if (value === undefined) continue;
    if (passedOn.test(name) || (parent.SystemRoot !== undefined && passedOnWindows.test(name))) child[name] = value;
  }
  const pathName = Object.keys(child).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  const path = child[pathName] ?? '/usr/local/bin:/usr/bin:/bin';
  child[pathName] = path.split(delimiter).filter(isAbsolute).join(delimiter);
  child.TERM = 'dumb';
  return child;
}

/**
 * Added for a command that was judged to read only: keeps git from running what a repository's own configuration names
 * (a repository may lie inside another one that was cloned), from writing its index, and from fetching.
 */
export function readOnlyEnvironment(environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const settings = [
    ['core.fsmonitor', 'false'],
    ['core.hooksPath', '/dev/null'],
    ['safe.bareRepository', 'explicit'],
    ['log.showSignature', 'false'],
    ['gpg.program', 'false'],
    ['gpg.ssh.program', 'false'],
    ['gpg.x509.program', 'false'],
  ] as const;
  const git = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return {
    ...environment,
    ...Object.fromEntries(git),
    GIT_CONFIG_COUNT: `${settings.length}`,
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_PAGER: 'cat',
    PAGER: 'cat',
  };
}
