import { inLanguage, languages } from '@phonework/shared/language';
import type { EffectApprovals, EffectRequest } from '../approvals/effect-approvals.ts';
import { consentTexts as texts } from './consent-texts.ts';
import { ToolError } from './tool.ts';

/** One frame holds it whole: a user must see all of what they allow. */
const maxTextBytes = 400_000;

/** Resolves once the user allowed it. Rejects with ToolError when they did not, and once `signal` is aborted. */
export async function requireConsent(
  approvals: Pick<EffectApprovals, 'ask'>,
  request: EffectRequest,
  signal: AbortSignal,
): Promise<void> {
  const isTooLong = languages.some(
    (language) => Buffer.byteLength(JSON.stringify(inLanguage(request.text, language))) > maxTextBytes,
  );
  if (isTooLong) throw new ToolError(texts.tooLong);
  const answer = await approvals.ask(request, signal);
  switch (answer.kind) {
    case 'allowed':
      return;
    case 'expired':
      throw new ToolError(texts.expired);
    case 'denied':
      throw new ToolError(answer.words === undefined ? texts.denied : texts.deniedBecause(answer.words.trim()));
  }
}
