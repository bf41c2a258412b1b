import type { ChatMessage } from '@phonework/shared/llm';
import { cutToFit } from './cut-to-fit.ts';

/** What a message costs beside its text: its role, and the marks around it. */
const messageTokens = 4;

/** A tool result shortened below this says nothing any more. */
const leastResultTokens = 40;

/**
 * The newest turns that a model may be given within `budgetTokens`, oldest first. A turn stays whole, so that no tool
 * call loses its result; the results in one that does not fit are shortened, and if that is not enough it is left out,
 * with all that came before it. Tokens are estimated: one for 4 ASCII characters, one for any other character.
 */
export function fitHistory(turns: readonly (readonly ChatMessage[])[], budgetTokens: number): ChatMessage[] {
  const kept: (readonly ChatMessage[])[] = [];
  let left = budgetTokens;
  for (const turn of turns.toReversed()) {
    const fitting = fitTurn(turn, left);
    if (fitting === undefined) break;
    left -= sum(fitting.map(tokensOf));
    kept.push(fitting);
  }
  return kept.reverse().flat();
}

function fitTurn(turn: readonly ChatMessage[], budget: number): readonly ChatMessage[] | undefined {
  if (sum(turn.map(tokensOf)) <= budget) return turn;
  const results = turn.filter((message) => message.role === 'tool');
  const rest = sum(turn.map((message) => (message.role === 'tool' ? messageTokens : tokensOf(message))));
  const limit = fairLimit(
    results.map((message) => textTokens(message.content)),
    budget - rest,
  );
  if (limit < leastResultTokens) return undefined;
  return turn.map((message) =>
    message.role === 'tool' ? { ...message, content: cutToTokens(message.content, limit) } : message,
  );
}

/** The most that each may have so that all together stay within `total`: what the small ones leave, the big ones share. */
function fairLimit(sizes: readonly number[], total: number): number {
  let left = total;
  let sharers = sizes.length;
  for (const size of sizes.toSorted((a, b) => a - b)) {
    const share = Math.floor(left / sharers);
    if (size > share) return share;
    left -= size;
    sharers -= 1;
  }
  // All of it fits, so that it is not the results that are too big.
  return 0;
}

function cutToTokens(text: string, limit: number): string {
  let fitted = text;
  let maxChars = text.length;
  for (let tokens = textTokens(text); tokens > limit; tokens = textTokens(fitted)) {
    // Not quite in proportion: the gap's own words count too.
    maxChars = Math.floor((maxChars * limit * 0.9) / tokens);
    fitted = cutToFit(text, maxChars);
  }
  return fitted;
}

function tokensOf(message: ChatMessage): number {
  const calls = message.role === 'assistant' ? (message.toolCalls ?? []) : [];
  const callTokens = calls.map((call) => messageTokens + textTokens(call.name) + textTokens(call.arguments));
  return messageTokens + textTokens(message.content) + sum(callTokens);
}

function textTokens(text: string): number {
  let ascii = 0;
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) < 0x80) ascii += 1;
  return Math.ceil(ascii / 4) + text.length - ascii;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
