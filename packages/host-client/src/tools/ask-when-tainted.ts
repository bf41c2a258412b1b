import { join } from '@phonework/shared/language';
import type { EffectApprovals } from '../approvals/effect-approvals.ts';
import { codeBlock, codeSpan } from '../texts/markdown.ts';
import { requireConsent } from './consent.ts';
import { consentTexts as texts } from './consent-texts.ts';
import type { Tool } from './tool.ts';

export type TaintGuard = { readonly approvals: Pick<EffectApprovals, 'ask'>; readonly nodeId: string };

/** What a model wrote as a call's arguments; undefined for what is no object. */
type Arguments = Readonly<Record<string, unknown>> | undefined;

/**
 * The tool, of whose calls a user is asked first once their turn has seen a stranger's text. `hasEffects` tells from the
 * arguments which calls these are.
 */
export function askWhenTainted(tool: Tool, guard: TaintGuard, hasEffects: (given: Arguments) => boolean): Tool {
  const { name } = tool.spec;
  return {
    ...tool,
    async call(rawArguments, context) {
      const given = readArguments(rawArguments);
      if (context.taint.isTainted && hasEffects(given)) {
        const { userId, chatId, taint, signal } = context;
        const text = [
          texts.uses(codeSpan(name), guard.nodeId),
          codeBlock(given === undefined ? rawArguments : JSON.stringify(given, null, 2), 'json'),
          texts.tainted(taint.source),
        ];
        const request = { userId, chatId, title: texts.useTitle(name), text: join(text, '\n\n') };
        await requireConsent(guard.approvals, request, signal);
      }
      return await tool.call(rawArguments, context);
    },
  };
}

/** As defineTool reads them: nothing written is an empty object. What it can't read it refuses. */
function readArguments(raw: string): Arguments {
  try {
    const value: unknown = raw.trim() === '' ? {} : JSON.parse(raw);
    // Just checked; an array's members are of no interest here.
    return typeof value === 'object' ? ((value ?? {}) as Arguments) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
