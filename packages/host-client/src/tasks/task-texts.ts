import { formatDuration } from '@phonework/shared/duration';
import type { Said, Text } from '@phonework/shared/language';
import { bilingual, inLanguage } from '@phonework/shared/language';
import { outputBlock } from '../texts/markdown.ts';
import { excerpt } from './excerpt.ts';
import type { Task, TaskOutput } from './task.ts';
import { elapsedMs } from './task.ts';

/** Characters of the output in a notice: a screen of a phone. */
const NOTICE_CHARS = 800;

/** What people read about tasks. */
export const taskTexts = {
  tooMany: (waiting: number): Text => ({
    en: `${waiting} of your tasks wait already: let some end, or cancel some with /tasks.`,
    zh: `你已有 ${waiting} 个任务在排队：等一些结束，或用 /tasks 取消一些。`,
  }),
  exitCode: (code: number): Text => ({ en: `exit code ${code}`, zh: `退出码 ${code}` }),
  endedBy: (signal: string): Text => ({ en: `ended by ${signal}`, zh: `被 ${signal} 结束` }),
  tookTooLong: (limitMs: number): Text => ({
    en: `took longer than ${formatDuration(limitMs)}`,
    zh: `运行超过了 ${formatDuration(limitMs)}`,
  }),
  unexpected: {
    en: 'something unexpected went wrong on this machine; its log says what',
    zh: '这台机器上出了意外，详情见它的日志',
  },
  backgroundEnded: {
    en: 'Something was still running in the background at the end, and was ended.',
    zh: '结束时后台还有东西在运行，已把它结束。',
  },
  mayStillRun: {
    en: 'Some of its processes could not be found or ended, and may still run.',
    zh: '它的一些进程找不到或无法结束，可能还在运行。',
  },
  interruptedTitle: ({ id, description }: Pick<Task, 'description' | 'id'>): Text => ({
    en: `Task #${id} was interrupted: ${description}`,
    zh: `任务 #${id} 已中断：${description}`,
  }),
  leftOut: (characters: number): Text => ({
    en: `[… ${characters} characters left out …]`,
    zh: `[… 省略了 ${characters} 个字符 …]`,
  }),
  notice: (task: Task, output: TaskOutput): Text =>
    lines([headline(task), task.description, ...explanation(task), ...shownOutput(task, output)]),
} as const;

function headline(task: Task): Text {
  const name: Text = { en: `Task #${task.id}`, zh: `任务 #${task.id}` };
  const duration = formatDuration(elapsedMs(task, task.endedAt ?? 0));
  const { reason = taskTexts.unexpected } = task;
  switch (task.state) {
    case 'done':
      return { en: `✅ ${name.en} done (${duration})`, zh: `✅ ${name.zh} 已完成（${duration}）` };
    case 'failed':
      return {
        en: `❌ ${name.en} failed (${inLanguage(reason, 'en')})`,
        zh: `❌ ${name.zh} 失败（${inLanguage(reason, 'zh')}）`,
      };
    case 'cancelled':
      return { en: `🚫 ${name.en} cancelled`, zh: `🚫 ${name.zh} 已取消` };
    case 'interrupted':
      return { en: `⚠️ ${name.en} interrupted`, zh: `⚠️ ${name.zh} 已中断` };
    case 'queued':
      return { en: `⏳ ${name.en} queued`, zh: `⏳ ${name.zh} 排队中` };
    case 'running':
      return { en: `⏳ ${name.en} running`, zh: `⏳ ${name.zh} 运行中` };
  }
}

const nothingRunAgain: Text = {
  en: 'PhoneWork was stopped on this machine before it was done. Nothing was run again.',
  zh: '任务完成之前，这台机器上的 PhoneWork 停了。没有重新运行。',
};

function explanation({ state, reason }: Task): readonly Said[] {
  const why = reason === undefined || state === 'failed' ? [] : [reason];
  return state === 'interrupted' ? [nothingRunAgain, ...why] : why;
}

function shownOutput({ id, subject, startedAt }: Task, output: TaskOutput): readonly Said[] {
  if (startedAt === undefined) return [];
  const whole = { ...output, text: output.text.trimEnd() };
  if (whole.text === '') return ['', noOutput];
  const shown = bilingual((language) => {
    const text = excerpt(whole, NOTICE_CHARS, (missing) => leftOutOfNotice(missing, id)[language]);
    // What a session writes is Markdown by itself.
    return subject.kind === 'shell' ? outputBlock(text) : text;
  });
  return ['', shown];
}

function lines(parts: readonly Said[]): Text {
  return bilingual((language) => parts.map((part) => inLanguage(part, language)).join('\n'));
}

const noOutput: Text = { en: '(no output)', zh: '（没有输出）' };

const leftOutOfNotice = (characters: number, id: string): Text => ({
  en: `[… ${characters} characters left out; /task ${id} shows more …]`,
  zh: `[… 省略了 ${characters} 个字符；/task ${id} 显示更多 …]`,
});
