import type { Text } from '@phonework/shared/language';
import { bilingual } from '@phonework/shared/language';

/** What the node says about questions and their answers. */
export const approvalTexts = {
  chosen: (answer: string): Text => bilingual(() => `✓ ${answer}`),
  alreadyAnswered: (answer: string): Text => ({
    en: `That question was already answered: ${answer}.`,
    zh: `这个问题已经回答过：${answer}。`,
  }),
  expired: (when: Text, countedAs: string | undefined): Text =>
    countedAs === undefined
      ? { en: `That question expired ${when.en}.`, zh: `这个问题已在${when.zh}过期。` }
      : {
          en: `That question expired ${when.en} and counted as ${countedAs}.`,
          zh: `这个问题已在${when.zh}过期，按“${countedAs}”处理。`,
        },
  withdrawn: (when: Text): Text => ({
    en: `That question was taken back ${when.en}.`,
    zh: `这个问题已在${when.zh}撤回。`,
  }),
  unknown: { en: 'That question is not open any more.', zh: '这个问题已经结束。' },
  notYours: {
    en: 'That question was asked of somebody else, or in another chat.',
    zh: '这个问题是问别人的，或是在另一个聊天里问的。',
  },
  noSuchButton: {
    en: 'That question has no such button: /answer and the number of one of its answers works too.',
    zh: '这个问题没有这个按钮：也可以用 /answer 加答案的编号。',
  },
  ownerFailed: (answer: string): Text => ({
    en: `⚠️ Your answer (${answer}) arrived, but nothing came of it: something unexpected went wrong on this machine, and its log says what.`,
    zh: `⚠️ 你的回答（${answer}）收到了，但没有起作用：这台机器上出了意外，详情见它的日志。`,
  }),
  expiryFailed: (title: string): Text => ({
    en: `⚠️ Nobody answered "${title}" in time, and something unexpected went wrong on this machine then; its log says what.`,
    zh: `⚠️ “${title}”没有及时得到回答，随后这台机器上出了意外，详情见它的日志。`,
  }),
  nothingOpen: {
    en: 'No question is open in this chat. One that /status lists is answered in the chat where it was asked.',
    zh: '这个聊天里没有待回答的问题。/status 列出的问题要在提问的那个聊天里回答。',
  },
  howToAnswer: (title: string, labels: readonly string[]): Text => ({
    en: [`Write your answer after it, such as /answer 1. ${title}`, ...numbered(labels)].join('\n'),
    zh: [`请把回答写在后面，例如 /answer 1。${title}`, ...numbered(labels)].join('\n'),
  }),
  severalOpen: (questions: readonly { readonly number: number; readonly title: string }[]): Text => {
    const [first] = questions;
    const list = questions.map(({ number, title }) => `#${number} ${title}`);
    return {
      en: ['Several questions are open here:', ...list, `Say which one: /answer #${first?.number} 1`].join('\n'),
      zh: ['这里有几个待回答的问题：', ...list, `请说明是哪一个：/answer #${first?.number} 1`].join('\n'),
    };
  },
  /** `at`, ms since the epoch, as seen from `now`: "at 14:05", and the day where it was another one. */
  when: (at: number, now: number): Text => {
    const date = new Date(at);
    const time = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
    if (date.toDateString() === new Date(now).toDateString()) return { en: `at ${time}`, zh: ` ${time} ` };
    return {
      en: `on ${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} at ${time}`,
      zh: ` ${date.getMonth() + 1} 月 ${date.getDate()} 日 ${time} `,
    };
  },
} as const;

function numbered(labels: readonly string[]): string[] {
  return labels.map((label, index) => `${index + 1}. ${label}`);
}
