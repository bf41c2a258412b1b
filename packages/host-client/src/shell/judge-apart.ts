import { runApart } from '@phonework/shared/apart';
import type { Verdict } from './policy.ts';
import { isTooLong, judge } from './policy.ts';
import { faultTexts } from './verdict-texts.ts';

/** Longer ones can be written so that judging them takes longer than anybody else should wait. */
const MAX_CHARS_AT_ONCE = 1000;

/** Ordinary lines take a few ms, the worst ones some 100. */
const TIMEOUT_MS = 10_000;

/** As `judge`, but nothing else waits while a long command is judged. One that can't be judged in time is `unparseable`. */
export async function judgeApart(command: string, folder?: string): Promise<Verdict> {
  if (command.length <= MAX_CHARS_AT_ONCE || isTooLong(command)) return judge(command, folder);
  try {
    const thread = new URL('./policy-thread.ts', import.meta.url);
    return await runApart<Verdict>(thread, { command, folder }, AbortSignal.timeout(TIMEOUT_MS));
  } catch {
    return { kind: 'unparseable', reason: faultTexts.unjudged };
  }
}
