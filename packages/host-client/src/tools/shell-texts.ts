import type { Said, Text } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';
import { formatSize } from '../files/size.ts';

/** What run_shell, run_background and /shell say of their own. The model reads the English. */
export const shellTexts = {
  blocked: (why: Text): Text => ({ en: `Blocked: ${why.en}`, zh: `已拦截（Blocked）：${why.zh}` }),
  destructive: (reason: Said): Text => ({
    en: `this command ${inLanguage(reason, 'en')}, which is never run from here.`,
    zh: `这条命令${phrase(reason)}，这里从不运行这样的命令。`,
  }),
  unparseable: (reason: Said): Text => ({
    en: `this command cannot be checked: ${inLanguage(reason, 'en')}. Write it more simply.`,
    zh: `这条命令无法检查：${inLanguage(reason, 'zh')}。请写得简单一些。`,
  }),
  readOnlyPolicy: (reason: Said): Text => ({
    en:
      `this command ${inLanguage(reason, 'en')}, and the shell policy here is "read-only", which runs only commands known to change nothing. ` +
      `SHELL_POLICY: ask or auto in the machine's configuration allows it.`,
    zh:
      `这条命令${phrase(reason)}，而这里的 shell 策略是 read-only，只运行确定不改动任何东西的命令。` +
      `在这台机器的配置里设置 SHELL_POLICY 为 ask 或 auto 就可以运行。`,
  }),
  tooSlow: (duration: string): Text => ({
    en: `Ended after ${duration}: it took too long.`,
    zh: `运行 ${duration} 后被结束：用时太长。`,
  }),
  stopped: { en: 'Stopped by the user.', zh: '已被用户停止。' },
  backgroundEnded: {
    en: 'Something was still running in the background when the shell was done, and was ended.',
    zh: 'shell 结束时后台还有东西在运行，已把它结束。',
  },
  notEnded: {
    en: 'Some of its processes could not be ended and may still run.',
    zh: '它的一些进程无法结束，可能还在运行。',
  },
  endedBy: (signal: string): Text => ({ en: `Ended by ${signal}.`, zh: `被 ${signal} 结束。` }),
  noOutput: { en: '(no output)', zh: '（没有输出）' },
  exitCode: (code: number): Text => ({ en: `exit code ${code}`, zh: `退出码 ${code}` }),
  took: (duration: string): Text => ({ en: `took ${duration}`, zh: `用时 ${duration}` }),
  leftOut: (bytes: number): Text => ({
    en: `… ${formatSize(bytes)} left out`,
    zh: `… 省略了 ${formatSize(bytes)}`,
  }),
  leftOutOfFile: (bytes: number): Text => ({
    en: `the file has all but ${formatSize(bytes)} of the middle`,
    zh: `文件里也缺中间的 ${formatSize(bytes)}`,
  }),

  sentences: (said: readonly Text[]): Text => ({
    en: said.map(({ en }) => en).join(' '),
    zh: said.map(({ zh }) => zh).join(''),
  }),

  // For the model alone.
  offerBackground: 'Offer the user to run it with run_background, which has no time limit.',
  wholeOutput: (missingBytes: number) =>
    'Only a part is shown: all of the output is in whole_output for a day, where file_ops can read, search and send it.' +
    (missingBytes === 0 ? '' : ` Of its middle ${formatSize(missingBytes)} are missing there too.`),
} as const;

/** What completes a Chinese sentence. */
function phrase(reason: Said): string {
  return typeof reason === 'string' ? ` ${reason}` : reason.zh;
}
