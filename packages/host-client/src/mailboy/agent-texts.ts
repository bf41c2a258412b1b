import type { Text } from '@phonework/shared/language';

/** What the mailboy's loop says by itself to the user. */
export const agentTexts = {
  seenEarlier: {
    en: 'content from the web, earlier in this conversation',
    zh: '这段对话较早时来自网络的内容',
  },
  tooManyRounds: (rounds: number): Text => ({
    en: `I stopped after ${rounds} steps without an end in sight: say "go on", or ask for a smaller piece.`,
    zh: `我走了 ${rounds} 步还看不到尽头，所以停下了：可以说“继续”，或先要一小部分。`,
  }),
  repeating: (tool: string): Text => ({
    en: `I stopped because I kept calling ${tool} in the same way: tell me what to do differently.`,
    zh: `我一直用同样的方式调用 ${tool}，所以停下了：请告诉我该怎么换个做法。`,
  }),
  emptyAnswer: {
    en: 'The model gave an empty answer twice: ask again, or send /clear to start afresh.',
    zh: '模型两次给出空的回答：请再问一次，或发送 /clear 重新开始。',
  },
  unreadableCall: {
    en: "The model tried to use a tool in a way that can't be understood, so nothing was run: ask again, or send /clear to start afresh.",
    zh: '模型调用工具的方式无法理解，所以没有运行：请再问一次，或发送 /clear 重新开始。',
  },
  cutAnswer: {
    en: '[The answer was cut at the model\'s length limit: say "go on" for the rest.]',
    zh: '[回答到了模型的长度上限，被截断：说“继续”看其余部分。]',
  },
} as const;

/** Notes to the model. They are not remembered: a mistake that stays in the conversation is made again. */
export const notes = {
  empty: note('Your last answer was empty. Write your answer to the user now, or call a tool.'),
  unreadableCall: note(
    'Your last answer held a tool call that could not be understood, or one of a tool that does not exist; it was not run. Call tools only through the function calling interface, or answer the user in words.',
  ),
} as const;

/** Results that stand in for a tool that was not run. */
export const notRun = {
  stopped: 'Not run: the turn was stopped before.',
  cut: 'Not run: your answer was cut at the length limit, so its tool calls may be incomplete. Make shorter ones, one at a time.',
} as const;

function note(text: string): string {
  return `(A note of the program, not from the user: ${text})`;
}
