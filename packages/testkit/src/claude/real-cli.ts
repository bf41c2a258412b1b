import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { VERSION } from './version.ts';

export type RealClaudeErrorCode = 'missing' | 'not_fetched';

/** There is no real Claude Code to test against; the message says what to do. */
export class RealClaudeError extends Error {
  override readonly name = 'RealClaudeError';
  readonly code: RealClaudeErrorCode;
  constructor(code: RealClaudeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * The path of the real Claude Code in the one version that we test against. It is fetched with npm when it is not in
 * the cache (some 360 MB, below `$XDG_CACHE_HOME` or `~/.cache`); `PHONEWORK_CLAUDE` names another one. Rejects with
 * RealClaudeError.
 */
export async function realClaude(environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  const named = environment.PHONEWORK_CLAUDE;
  if (named !== undefined) {
    if (existsSync(named)) return named;
    throw new RealClaudeError('missing', `PHONEWORK_CLAUDE names ${named}, and there is no such file.`);
  }
  const caches = environment.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const folder = join(caches, 'phonework', 'claude-code', VERSION);
  if (!existsSync(folder)) await fetchInto(folder, environment);
  return await findProgram(folder);
}

/** What keeps it from calling anybody but `apiUrl`, and from asking for a login. */
export function quietEnvironment(apiUrl: string): Record<string, string> {
  return {
    ANTHROPIC_BASE_URL: apiUrl,
    ANTHROPIC_API_KEY: 'sk-ant-test-key-000000000000',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
  };
}

/** The folder comes to be as a whole, or not at all. */
async function fetchInto(folder: string, environment: NodeJS.ProcessEnv): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const temporary = await mkdtemp(`${folder}-`);
  try {
    await install(temporary, environment);
    await rename(temporary, folder);
  } catch (cause) {
    // Somebody else was faster.
    if (existsSync(folder)) return;
    throw new RealClaudeError(
      'not_fetched',
      `Claude Code ${VERSION} could not be fetched with npm: let npm reach its registry, or set PHONEWORK_CLAUDE to the path of an installed one.`,
      { cause },
    );
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function install(folder: string, environment: NodeJS.ProcessEnv): Promise<void> {
  // The program lies ready in the package of its platform; the install script would only link to it.
  const flags = ['--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--no-package-lock'];
  await promisify(execFile)('npm', ['install', ...flags, `@anthropic-ai/claude-code@${VERSION}`], {
    cwd: folder,
    env: withoutScriptSettings(environment),
    timeout: 300_000,
  });
}

/** Package managers hand their own settings to the scripts that they run, and npm would take them for its own. */
function withoutScriptSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = /^npm_config_(registry|userconfig|cafile|https?_proxy|proxy|noproxy)$/i;
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.toLowerCase().startsWith('npm_') || kept.test(name)),
  );
}

async function findProgram(folder: string): Promise<string> {
  const scope = join(folder, 'node_modules', '@anthropic-ai');
  const packages = (await readdir(scope)).filter((name) => name.startsWith('claude-code-'));
  const program = packages
    .flatMap((name) => ['claude', 'claude.exe'].map((file) => join(scope, name, file)))
    .find((path) => existsSync(path));
  if (program !== undefined) return program;
  throw new RealClaudeError('missing', `There is no Claude Code for this platform in ${folder}.`);
}
