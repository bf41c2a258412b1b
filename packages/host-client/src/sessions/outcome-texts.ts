import { formatDuration } from '@phonework/shared/duration';
import type { Said, Text } from '@phonework/shared/language';
import { bilingual, inLanguage } from '@phonework/shared/language';

/** What users read when they are asked what becomes of a turn, and of their answers to sessions. */
export const outcomeTexts = {
  cutTitle: (name: string): Text => ({ en: `${name}: interrupted`, zh: `${name}：已中断` }),
  cut: ({ name, step, waiting }: { name: string; step: string | undefined; waiting: number }): Text =>
    bilingual((language) =>
      [cutWhile(name, step), mayHaveFinished, ...(waiting > 0 ? [waitBehind(waiting)] : []), continueOrDrop]
        .map((line) => line[language])
        .join('\n'),
    ),
  cutWhileAsking: (name: string): Text => ({
    en: `⚠️ The program on your machine was restarted while ${name} waited for your answer above. It still counts: answer, and Claude goes on from there. Or drop it.`,
    zh: `⚠️ ${name} 在等你回答上面的问题时，你机器上的程序重新启动了。问题仍然有效：回答后 Claude 会从那里继续。也可以放弃。`,
  }),
  continue: { en: 'Continue', zh: '继续' },
  drop: { en: 'Drop it', zh: '放弃' },
  continuing: (name: string): Text => ({
    en: `▶️ ${name} goes on from where it was cut.`,
    zh: `▶️ ${name} 从中断的地方继续。`,
  }),
  dropped: (name: string): Text => ({
    en: `Dropped. ${name} is ready for something else.`,
    zh: `已放弃。${name} 可以做别的事了。`,
  }),
  gone: { en: 'That is over already.', zh: '这件事已经结束了。' },
  notAnAnswer: {
    en: 'That is none of its answers, so nothing was done: press a button, or send its number.',
    zh: '这不是可选的回答，所以什么都没做：请按一个按钮，或发送它的编号。',
  },
  expired: (title: Said, ms: number): Text => ({
    en: `⌛ No answer within ${formatDuration(ms)} to "${inLanguage(title, 'en')}": that counts as no, and Claude was told.`,
    zh: `⌛ “${inLanguage(title, 'zh')}”在 ${formatDuration(ms)} 内没有得到回答：按“拒绝”处理，已告诉 Claude。`,
  }),
  expiredCut: (title: Said): Text => ({
    en: `⌛ No answer in time to "${inLanguage(title, 'en')}": the interrupted turn was dropped. Write on to let Claude continue.`,
    zh: `⌛ “${inLanguage(title, 'zh')}”没有及时得到回答：中断的这一轮已放弃。继续发消息就能让 Claude 接着做。`,
  }),
  /** For Claude. */
  deniedByExpiry: (ms: number) =>
    `The user did not answer within ${formatDuration(ms)}, so this is denied. Do not try it again now; go on without it, or end your turn and say what you need.`,
} as const;

function cutWhile(name: string, step: string | undefined): Text {
  return step === undefined
    ? { en: `⚠️ ${name} was interrupted`, zh: `⚠️ ${name} 被中断` }
    : {
        en: `⚠️ ${name} was interrupted while doing this: ${step}`,
        zh: `⚠️ ${name} 在做这件事时被中断：${step}`,
      };
}

const mayHaveFinished: Text = {
  en: 'The program on your machine ended in the middle of it. It may have finished or not; nothing was run again.',
  zh: '你机器上的程序中途结束了。这件事可能做完了，也可能没有；没有重新运行。',
};

function waitBehind(waiting: number): Text {
  return {
    en: `${waiting} more wait behind it and go on after your choice.`,
    zh: `后面还有 ${waiting} 条在排队，你选择后会继续。`,
  };
}

const continueOrDrop: Text = {
  en: 'Continue lets Claude go on from there. Drop it, or just write something new, and it is left as it is.',
  zh: '“继续”让 Claude 从那里接着做。选“放弃”，或直接写新的内容，就让它停在那里。',
};
