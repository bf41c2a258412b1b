import type { Said, Text } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';

/** What users read when they are asked about a tool, and what the model is told of their answers. */
export const consentTexts = {
  // The question.
  runs: (nodeId: string): Text => ({
    en: `The assistant asks to run a command on **${nodeId}**:`,
    zh: `助手请求在 **${nodeId}** 上运行一条命令：`,
  }),
  runsInBackground: (nodeId: string): Text => ({
    en: `The assistant asks to run a command in the background on **${nodeId}**, without a time limit:`,
    zh: `助手请求在 **${nodeId}** 的后台运行一条命令，没有时间限制：`,
  }),
  uses: (tool: string, nodeId: string): Text => ({
    en: `The assistant asks to use ${tool} on **${nodeId}**:`,
    zh: `助手请求在 **${nodeId}** 上使用 ${tool}：`,
  }),
  folder: (folder: string): Text => ({ en: `Folder: ${folder}`, zh: `文件夹：${folder}` }),
  outside: {
    en: 'The folder is outside the working folder.',
    zh: '这个文件夹在工作文件夹之外。',
  },
  because: (reason: string): Text => ({
    en: `Why you are asked: it ${reason}`,
    zh: `为什么问你：这条命令 ${reason}`,
  }),
  unreadableShell: { en: 'runs in a shell that cannot be checked', zh: '在一个无法检查的 shell 里运行' },
  tainted: (source: Said = strangersText): Text => ({
    en: `⚠️ The assistant has read ${inLanguage(source, 'en')} before this: make sure that you want it, not the text.`,
    zh: `⚠️ 助手在这之前读过${inLanguage(source, 'zh')}：请确认这是你想要的，而不是那些内容想要的。`,
  }),
  always: (calls: readonly string[], place: Said): Text => ({
    en: `"Always allow" allows, from now on: ${calls.join(', ')} in ${inLanguage(place, 'en')} and below.`,
    zh: `“始终允许”从现在起允许：${calls.join('、')}（${inLanguage(place, 'zh')}及其下级）。`,
  }),
  workingFolder: { en: 'the working folder', zh: '工作文件夹' },
  runTitle: (command: string): Text => ({ en: `May it run: ${command}`, zh: `可以运行吗：${command}` }),
  useTitle: (tool: string): Text => ({ en: `May it use ${tool}?`, zh: `可以使用 ${tool} 吗？` }),

  // For the model.
  denied:
    'The user said no to this, and nothing was done. Do not try it in another way: go on without it, or ask what to do instead.',
  deniedBecause: (words: string) => `The user said no to this, nothing was done, and wrote: ${words}`,
  expired:
    'The user did not answer in time, and nothing was done. Do not try it again by yourself: say so in your answer.',
  tooLong: 'This is too long to be shown to the user, who has to allow it, so nothing was done: make it shorter.',
  moved: (folder: string) =>
    `The folder ${folder} was moved or replaced while the user was asked, so nothing was run. Ask the user before you try again.`,
} as const;

const strangersText: Text = { en: "a stranger's text", zh: '外人写的内容' };
