import { formatDuration } from '@phonework/shared/duration';
import type { Said, Text } from '@phonework/shared/language';
import { bilingual, inLanguage } from '@phonework/shared/language';
import { excerpt } from '../tasks/excerpt.ts';
import type { Task, TaskOutput } from '../tasks/task.ts';
import { elapsedMs } from '../tasks/task.ts';
import type { Cancellation } from '../tasks/task-runner.ts';
import { outputBlock } from '../texts/markdown.ts';
import { visibleLine } from '../texts/visible.ts';

/** In a list: half a line of a phone is enough to know it by. */
const DESCRIPTION_CHARS = 80;

const OUTPUT_CHARS = 3_500;

const marks = { queued: '🕒', running: '⏳', done: '✅', failed: '❌', cancelled: '🚫', interrupted: '⚠️' } as const;

/** What the commands and buttons for tasks say. */
export const taskCommandTexts = {
  none: {
    en: 'There are no tasks. A long command goes into the background when you ask for it, such as: run the tests in the background.',
    zh: '没有任务。需要时可以让耗时的命令在后台运行，例如：在后台跑测试。',
  },
  usage: {
    en: 'Write the id after it, such as: /task k3f9x2. /tasks lists them.',
    zh: '请把 id 写在后面，例如：/task k3f9x2。/tasks 列出全部任务。',
  },
  unknown: (id: string): Text => ({
    en: `There is no task #${visibleLine(id, 20)}. /tasks lists them.`,
    zh: `没有任务 #${visibleLine(id, 20)}。/tasks 列出全部任务。`,
  }),
  older: (count: number): Text => ({ en: `… and ${count} older.`, zh: `… 还有 ${count} 个更早的。` }),
  listTitle: { en: 'Tasks that can be cancelled', zh: '可以取消的任务' },
  showButton: (id: string): Text => ({ en: `Show #${id}`, zh: `查看 #${id}` }),
  cancelButton: (id: string): Text => ({ en: `Cancel #${id}`, zh: `取消 #${id}` }),
  runAgainButton: { en: 'Run again', zh: '重新运行' },
  dismissButton: { en: 'Dismiss', zh: '忽略' },
  again: (id: string): Text => ({
    en: `⏳ Task #${id} started. I'll notify you when it's done.`,
    zh: `⏳ 任务 #${id} 已开始，完成后会通知你。`,
  }),
  notAgain: {
    en: "It can't be run again: this machine no longer knows what it was.",
    zh: '无法重新运行：这台机器已经不知道它是什么了。',
  },
  notRunAgain: { en: 'It was not run again.', zh: '没有重新运行。' },
  buttonsTooOld: {
    en: 'These buttons are too old. /tasks shows how things are now.',
    zh: '这些按钮太旧了。/tasks 显示现在的情况。',
  },
  words: {
    en: 'Nothing was done: press one of the buttons, or send /tasks.',
    zh: '什么也没做：请按其中一个按钮，或发送 /tasks。',
  },
  cancelled: (id: string, outcome: Cancellation): Text => {
    switch (outcome) {
      case 'cancelled':
        return { en: `Task #${id} will not start.`, zh: `任务 #${id} 不会开始。` };
      case 'ending':
        return { en: `Ending task #${id}.`, zh: `正在结束任务 #${id}。` };
      case 'ended':
        return { en: `Task #${id} has ended already.`, zh: `任务 #${id} 已经结束了。` };
      case 'unknown':
        return taskCommandTexts.unknown(id);
    }
  },
  line: (task: Task, now: number): Text => {
    const { en, zh } = progress(task, now);
    const description = visibleLine(task.description, DESCRIPTION_CHARS);
    const head = `${marks[task.state]} #${task.id}`;
    return { en: `${head} ${en}: ${description}`, zh: `${head} ${zh}：${description}` };
  },
  details: (
    task: Task,
    output: TaskOutput,
    { now, logPath }: { readonly now: number; readonly logPath: string },
  ): Text => {
    const { en, zh } = progress(task, now);
    const head = marks[task.state];
    return lines([
      { en: `${head} Task #${task.id} ${en}`, zh: `${head} 任务 #${task.id} ${zh}` },
      task.description,
      ...place(task),
      ...(task.reason === undefined || task.state === 'failed' ? [] : [task.reason]),
      ...(task.startedAt === undefined ? [] : ['', shown(task, output)]),
      ...(task.startedAt === undefined || task.subject.kind !== 'shell' ? [] : [wholeOutput(logPath)]),
    ]);
  },
} as const;

function progress(task: Task, now: number): Text {
  const elapsed = formatDuration(elapsedMs(task, now));
  switch (task.state) {
    case 'queued': {
      const waited = formatDuration(now - task.createdAt);
      return { en: `waiting for ${waited}`, zh: `已排队 ${waited}` };
    }
    case 'running':
      return { en: `running for ${elapsed}`, zh: `已运行 ${elapsed}` };
    case 'failed':
      return {
        en: `failed (${task.reason ?? 'unknown'}) after ${elapsed}`,
        zh: `失败（${task.reason ?? '原因不明'}），用时 ${elapsed}`,
      };
    case 'done':
      return { en: `done (${elapsed})`, zh: `已完成（${elapsed}）` };
    case 'cancelled':
      return { en: 'cancelled', zh: '已取消' };
    case 'interrupted':
      return { en: 'interrupted', zh: '已中断' };
  }
}

function place({ subject }: Task): readonly Said[] {
  if (subject.kind !== 'shell') return [];
  return [outputBlock(visibleLine(subject.command, 500)), { en: `in ${subject.cwd}`, zh: `位于 ${subject.cwd}` }];
}

function shown({ subject }: Task, output: TaskOutput): Text {
  const whole = { ...output, text: output.text.trimEnd() };
  if (whole.text === '') return { en: '(no output)', zh: '（没有输出）' };
  return bilingual((language) => {
    const text = excerpt(whole, OUTPUT_CHARS, (missing) => leftOut(missing)[language]);
    return subject.kind === 'shell' ? outputBlock(text) : text;
  });
}

function leftOut(characters: number): Text {
  return { en: `[… ${characters} characters left out …]`, zh: `[… 省略了 ${characters} 个字符 …]` };
}

function wholeOutput(path: string): Text {
  return { en: `Whole output: ${path}`, zh: `全部输出：${path}` };
}

/** Empty ones keep their place. */
function lines(parts: readonly Said[]): Text {
  return bilingual((language) => parts.map((part) => inLanguage(part, language)).join('\n'));
}
