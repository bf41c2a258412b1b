/** What the node says about questions and their answers. */
export const approvalTexts = {
  chosen: (answer: string) => `✓ ${answer}`,
  alreadyAnswered: (answer: string) => `That question was already answered: ${answer}.`,
  expired: (when: string, countedAs: string | undefined) =>
    countedAs === undefined
      ? `That question expired ${when}.`
      : `That question expired ${when} and counted as ${countedAs}.`,
  withdrawn: (when: string) => `That question was taken back ${when}.`,
  unknown: 'That question is not open any more.',
  notYours: 'That question was asked of somebody else, or in another chat.',
  noSuchButton: 'That question has no such button: /answer and the number of one of its answers works too.',
  ownerFailed: (answer: string) =>
    `⚠️ Your answer (${answer}) arrived, but nothing came of it: something unexpected went wrong on this machine, and its log says what.`,
  expiryFailed: (title: string) =>
    `⚠️ Nobody answered "${title}" in time, and something unexpected went wrong on this machine then; its log says what.`,
  nothingOpen: 'No question is open in this chat. One that /status lists is answered in the chat where it was asked.',
  howToAnswer: (title: string, labels: readonly string[]) =>
    [`Write your answer after it, such as /answer 1. ${title}`, ...numbered(labels)].join('\n'),
  severalOpen: (questions: readonly { readonly number: number; readonly title: string }[]) => {
    const [first] = questions;
    const list = questions.map(({ number, title }) => `#${number} ${title}`);
    return ['Several questions are open here:', ...list, `Say which one: /answer #${first?.number} 1`].join('\n');
  },
  /** `at`, ms since the epoch, as seen from `now`: "at 14:05", and the day where it was another one. */
  when: (at: number, now: number) => {
    const date = new Date(at);
    const time = `at ${date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })}`;
    if (date.toDateString() === new Date(now).toDateString()) return time;
    return `on ${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ${time}`;
  },
} as const;

function numbered(labels: readonly string[]): string[] {
  return labels.map((label, index) => `${index + 1}. ${label}`);
}
