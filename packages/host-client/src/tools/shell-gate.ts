import { realpath } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import type { Said } from '@phonework/shared/language';
import type { EffectApprovals } from '../approvals/effect-approvals.ts';
import type { NewShellRules, ShellRules } from '../approvals/shell-rules.ts';
import { realFolder } from '../files/real-folder.ts';
import type { WorkDir } from '../files/work-dir.ts';
import { WorkDirError } from '../files/work-dir.ts';
import { judgeApart } from '../shell/judge-apart.ts';
import { readsAsJudged } from '../shell/shell-program.ts';
import { simpleCalls } from '../shell/simple-calls.ts';
import type { TurnContext } from '../turn-context.ts';
import { requireConsent } from './consent.ts';
import { consentTexts } from './consent-texts.ts';
import { shellQuestion } from './shell-question.ts';
import { shellTexts as texts } from './shell-texts.ts';
import { ToolError } from './tool.ts';

export type ShellGate = {
  readonly workDir: WorkDir;
  /** What becomes of a model's command that may change something. */
  readonly policy: 'read-only' | 'ask' | 'auto';
  readonly nodeId: string;
  readonly approvals: Pick<EffectApprovals, 'ask'>;
  readonly rules: Pick<ShellRules, 'covers'>;
};

export type CommandRequest = {
  readonly command: string;
  readonly cwd?: string | undefined;
  readonly inBackground: boolean;
};

/** What may run: exactly this, there, and once. */
export type AdmittedCommand = {
  readonly command: string;
  /** A real path. */
  readonly cwd: string;
  /** It is known to change nothing, and gets the environment that goes with that. */
  readonly readsOnly: boolean;
};

type Asking = Pick<TurnContext, 'userId' | 'chatId' | 'signal' | 'taint'>;

/**
 * Judges a model's command, and asks the user where that is needed. Resolves to what may run now; rejects with
 * ToolError when nothing may.
 */
export async function admit(gate: ShellGate, request: CommandRequest, turn: Asking): Promise<AdmittedCommand> {
  const { command } = request;
  const { policy, workDir } = gate;
  const { folder, isInside } = await findFolder(gate, request.cwd);
  const { readsOnly, reason } = await judgeIn(folder, command);
  const admitted = { command, cwd: folder, readsOnly };
  if (readsOnly && isInside) return admitted;
  if (policy === 'read-only') throw new ToolError(texts.blocked(texts.readOnlyPolicy(reason ?? '')));
  if (policy === 'auto' && !turn.taint.isTainted) return admitted;
  const rules = isInside ? rulesFor(command, folder, turn) : undefined;
  if (rules !== undefined && gate.rules.covers(rules)) return admitted;
  const shown = shellQuestion({ ...request, folder, isInside, reason, rules }, gate.nodeId, workDir.root, turn.taint);
  const { userId, chatId, signal } = turn;
  await requireConsent(gate.approvals, { userId, chatId, ...shown, ...(rules && { rules }) }, signal);
  // What was allowed was allowed there: a link in its place would lead the command elsewhere.
  const now = await realpath(folder).catch(() => undefined);
  if (now !== folder) throw new ToolError(consentTexts.moved(folder));
  return admitted;
}

/** The same for a command that the user typed: nothing is asked, and only what is refused in every mode is refused. */
export async function admitOwn({ workDir }: Pick<ShellGate, 'workDir'>, command: string): Promise<AdmittedCommand> {
  const folder = await resolveInside(workDir, undefined);
  const { readsOnly } = await judgeIn(folder, command);
  return { command, cwd: folder, readsOnly };
}

/** `reason` completes "It …", where it may change something. */
async function judgeIn(
  folder: string,
  command: string,
): Promise<{ readonly readsOnly: boolean; readonly reason?: Said }> {
  const verdict = await judgeApart(command, folder);
  switch (verdict.kind) {
    case 'destructive':
      throw new ToolError(texts.blocked(texts.destructive(verdict.reason)));
    case 'unparseable':
      // It may hide what is refused in every mode.
      throw new ToolError(texts.blocked(texts.unparseable(verdict.reason)));
    case 'effects':
      return { readsOnly: false, reason: verdict.reason };
    case 'read-only':
      return readsAsJudged ? { readsOnly: true } : { readsOnly: false, reason: consentTexts.unreadableShell };
  }
}

/** What "Always allow" would store. What a stranger's text may have asked for is looked at each time. */
function rulesFor(command: string, folder: string, { userId, taint }: Asking): NewShellRules | undefined {
  if (taint.isTainted || !readsAsJudged) return undefined;
  const calls = simpleCalls(command);
  return calls === undefined || calls.length === 0 ? undefined : { userId, folder, calls };
}

/** An absolute path may lead outside the working folder where its user is asked about it. */
async function findFolder({ workDir, policy }: ShellGate, path: string | undefined) {
  try {
    return { folder: await workDir.resolve(path), isInside: true };
  } catch (error) {
    const mayBeAllowed = error instanceof WorkDirError && error.code === 'outside' && policy === 'ask';
    if (!mayBeAllowed || path === undefined || !isAbsolute(path)) throw toToolError(error);
  }
  try {
    return { folder: await realFolder(path), isInside: false };
  } catch (error) {
    throw toToolError(error);
  }
}

async function resolveInside(workDir: WorkDir, path: string | undefined): Promise<string> {
  try {
    return await workDir.resolve(path);
  } catch (error) {
    throw toToolError(error);
  }
}

function toToolError(error: unknown): unknown {
  return error instanceof WorkDirError ? new ToolError(error.said, { cause: error }) : error;
}
