import { access, constants, stat } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';

export type ClaudePlaces = {
  /** CLAUDE_COMMAND: a name, or a path. */
  readonly command: string;
  /** Ours. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** The folder of the Node that runs us: npm puts global programs beside it. */
  readonly nodeFolder?: string;
};

/** The absolute path of Claude Code, or undefined where there is none. */
export async function findClaude(places: ClaudePlaces): Promise<string | undefined> {
  for (const path of candidates(places)) if (await isProgram(path)) return path;
  return undefined;
}

function candidates(places: ClaudePlaces): readonly string[] {
  const { command, home } = places;
  if (/^~[/\\]/.test(command)) return [join(home, command.slice(2))];
  if (isAbsolute(command) || /[/\\]/.test(command)) return [resolve(command)];
  const names = process.platform === 'win32' ? [`${command}.exe`] : [command];
  return folders(places).flatMap((folder) => names.map((name) => join(folder, name)));
}

/** A service often has a shorter PATH than its user: so the places where Claude's installers put it are looked at too. */
function folders({ environment, home, nodeFolder = dirname(process.execPath) }: ClaudePlaces): readonly string[] {
  const path = environment.PATH ?? environment.Path ?? '';
  const { NPM_CONFIG_PREFIX: prefix, APPDATA: appData } = environment;
  return [
    ...path.split(delimiter).filter(isAbsolute),
    join(home, '.local', 'bin'),
    join(home, '.claude', 'local'),
    ...(prefix === undefined ? [] : [join(prefix, 'bin')]),
    nodeFolder,
    join(home, '.npm-global', 'bin'),
    '/usr/local/bin',
    '/opt/homebrew/bin',
    // Beside it npm has only a script for the command prompt.
    ...(appData === undefined ? [] : [join(appData, 'npm', 'node_modules', '@anthropic-ai', 'claude-code', 'bin')]),
  ];
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
