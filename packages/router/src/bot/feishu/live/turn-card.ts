import { formatDuration } from '@phonework/shared/duration';
import type { Language } from '@phonework/shared/language';
import type { TurnView } from '../../chat-channel.ts';
import type { Card } from '../card.ts';
import { MAX_CARD_BYTES } from '../card.ts';
import { feishuTexts } from '../feishu-texts.ts';
import { escapeCardText, toElements } from '../markdown/elements.ts';
import { lastPart } from './last-part.ts';

/** What changes in the card of a turn. Both are Markdown of a card, and never empty. */
export type TurnFace = { readonly status: string; readonly text: string };

/** Of the elements that change while the card streams. */
export const elementIds = { status: 'status', text: 'text' } as const satisfies Record<keyof TurnFace, string>;

/** A phone shows a part of this; the rest of the card's 30 KB is for what else is in it. */
const textBudget = { maxBytes: 16_000, maxChars: 4000 };
const maxStepLength = 80;

export function toTurnFace({ text, step = '', startedAt }: TurnView, now: number): TurnFace {
  const elapsed = formatDuration(now - startedAt);
  const line = cutStep(step);
  return { status: line === '' ? `⏳ ${elapsed}` : `⏳ ${escapeCardText(line)} · ${elapsed}`, text: toText(text) };
}

/** As JSON. */
export function turnCard(
  { status, text }: TurnFace,
  { viewId, language }: { readonly viewId: string; readonly language: Language },
  { isStreaming }: { readonly isStreaming: boolean },
): string {
  return JSON.stringify({
    schema: '2.0',
    config: {
      update_multi: true,
      summary: { content: feishuTexts.working[language] },
      ...(isStreaming && streaming),
    },
    body: {
      elements: [
        { tag: 'markdown', element_id: elementIds.status, content: status },
        { tag: 'markdown', element_id: elementIds.text, content: text },
        {
          tag: 'button',
          text: { tag: 'plain_text', content: feishuTexts.stop[language] },
          type: 'danger',
          behaviors: [{ type: 'callback', value: { t: viewId } }],
        },
      ],
    },
  });
}

/** A card whose answer is another message. As JSON. */
export function endedCard({ tookMs, language }: { readonly tookMs: number; readonly language: Language }): string {
  const content = `✓ ${formatDuration(tookMs)} · ${feishuTexts.answerBelow[language]}`;
  return JSON.stringify({
    schema: '2.0',
    config: { update_multi: true, streaming_mode: false, summary: { content } },
    body: { elements: [{ tag: 'markdown', content }] },
  });
}

/** The card of an answer, with how long it took where there is room for that. As JSON. */
export function answerCard(card: Card, tookMs: number): string {
  // Said in so many words, since the card that it replaces streams.
  const answer = { ...card, config: { ...card.config, streaming_mode: false } };
  const took = {
    tag: 'markdown',
    content: `<font color='grey'>✓ ${formatDuration(tookMs)}</font>`,
    text_size: 'notation',
  };
  const withTook = JSON.stringify({ ...answer, body: { elements: [...card.body.elements, took] } });
  // As it travels: a JSON string.
  return Buffer.byteLength(JSON.stringify(withTook)) <= MAX_CARD_BYTES ? withTook : JSON.stringify(answer);
}

/** What is shown appears at once, and not letter by letter long after it was said. */
const streaming = {
  streaming_mode: true,
  streaming_config: { print_strategy: 'fast', print_frequency_ms: { default: 30 }, print_step: { default: 5 } },
};

function cutStep(step: string): string {
  const [line = ''] = step
    .slice(0, 10 * maxStepLength)
    .trim()
    .split('\n', 1);
  const characters = [...line];
  return characters.length <= maxStepLength ? line : `${characters.slice(0, maxStepLength - 1).join('')}…`;
}

/** People want the end of what is being written. */
function toText(text: string): string {
  const { elements } = toElements(lastPart(text, textBudget.maxChars), textBudget);
  const content = elements.map((element) => element.content).join('\n\n');
  return content.trim() === '' ? '…' : content;
}
