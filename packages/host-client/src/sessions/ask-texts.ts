import type { Said, Text } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';

/** What users read when a coding agent asks them something, and what it is told in their name. */
export const askTexts = {
  // What it asks to do: each `to…` ends the first.
  asksTo: (session: string, what: Said): Text => ({
    en: `**${session}**: Claude asks to ${inLanguage(what, 'en')}`,
    zh: `**${session}**：Claude 想要${inLanguage(what, 'zh')}`,
  }),
  toRun: { en: 'run a command:', zh: '运行一条命令：' },
  toEdit: (path: string): Text => ({ en: `edit ${path}:`, zh: `修改 ${path}：` }),
  toWrite: (path: string): Text => ({ en: `write ${path}:`, zh: `写入 ${path}：` }),
  toFetch: { en: 'read a web page:', zh: '读取一个网页：' },
  toUse: (tool: string): Text => ({ en: `use ${tool}:`, zh: `使用 ${tool}：` }),
  everyPlace: { en: 'Each place that reads so is changed.', zh: '所有相同的地方都会修改。' },
  inBackground: { en: 'It goes on in the background.', zh: '它会在后台运行。' },
  endsAfter: (duration: string): Text => ({
    en: `It is ended after ${duration}.`,
    zh: `它最多运行 ${duration}。`,
  }),
  cell: (name: string): Text => ({ en: `Cell: ${name}`, zh: `单元格：${name}` }),
  cellKind: (kind: string): Text => ({ en: `Kind of cell: ${kind}`, zh: `单元格类型：${kind}` }),
  cellEdit: (mode: string): Text => ({
    en: `What happens to the cell: ${mode}`,
    zh: `对单元格的操作：${mode}`,
  }),
  fetchPrompt: { en: 'What it wants to know of it:', zh: '它想了解的内容：' },
  furtherInput: { en: 'Also given:', zh: '其他参数：' },
  emptyText: { en: '(empty)', zh: '（空）' },
  nothingChanges: { en: '(nothing changes)', zh: '（没有变化）' },
  whole: { en: 'The file as a whole, as it would be:', zh: '写入后的完整文件：' },
  changes: { en: 'What would change in the file:', zh: '文件中的变化：' },
  tooDeep: {
    en: "[This is nested too deeply to be shown: don't allow it.]",
    zh: '[嵌套太深，无法显示：请不要允许。]',
  },
  reason: { en: 'Why it asks:', zh: '询问的原因：' },
  place: (folder: string, session: string, node: string): Text => ({
    en: `Folder: ${folder}\nSession: ${session} on ${node}`,
    zh: `文件夹：${folder}\n会话：${node} 上的 ${session}`,
  }),
  sessionAllows: (rule: string): Text => ({
    en: `"Allow for this session" allows: ${rule}`,
    zh: `“本会话内允许”将允许：${rule}`,
  }),
  alwaysAllows: (rule: string): Text => ({
    en: `"Always" allows, from now on: ${rule}`,
    zh: `“始终允许”今后将允许：${rule}`,
  }),
  planHeading: (session: string): Text => ({
    en: `**${session}**: Claude has a plan`,
    zh: `**${session}**：Claude 有一个计划`,
  }),
  noPlan: {
    en: "(The plan's text did not come along: ask for it before you say Go.)",
    zh: '（没有收到计划的内容：请先问清楚，再选“开始”。）',
  },
  planTitle: (session: string): Text => ({ en: `${session}: a plan to look at`, zh: `${session}：有一个计划待确认` }),
  questionHeading: (session: string, place: Said): Text => ({
    en: `**${session}**: Claude asks${inLanguage(place, 'en')}`,
    zh: `**${session}**：Claude 提问${inLanguage(place, 'zh')}`,
  }),
  questionPlace: (number: number, total: number): Text => ({
    en: ` (${number} of ${total})`,
    zh: `（第 ${number} 个，共 ${total} 个）`,
  }),
  pickSeveral: {
    en: 'Several may be picked: send their numbers, such as 1,3, or your own words. Where the assistant listens, begin with /answer.',
    zh: '可以多选：发送编号，例如 1,3，或自己写。消息由助手接收时，请以 /answer 开头。',
  },
  ownWords: {
    en: 'Press one, or send your own words. Where the assistant listens, begin with /answer.',
    zh: '按一个按钮，或自己写。消息由助手接收时，请以 /answer 开头。',
  },
  noOptions: {
    en: 'Send your own words. Where the assistant listens, begin with /answer.',
    zh: '请自己写回答。消息由助手接收时，请以 /answer 开头。',
  },

  // Buttons.
  allowOnce: { en: 'Allow once', zh: '允许一次' },
  allowSession: { en: 'Allow for this session', zh: '本会话内允许' },
  allowAlways: { en: 'Always', zh: '始终允许' },
  deny: { en: 'Deny', zh: '拒绝' },
  go: { en: 'Go', zh: '开始' },
  goAcceptEdits: { en: 'Go and accept edits', zh: '开始，并接受修改' },
  keepPlanning: { en: 'Keep planning', zh: '继续规划' },
  option: (number: number): Text => ({ en: `Option ${number}`, zh: `选项 ${number}` }),

  // For Claude, in the user's name.
  denied: 'The user said no to this. Do not try it in another way: go on without it, or ask what to do instead.',
  deniedBecause: (words: string) => `The user said no to this, and wrote: ${words}`,
  planDenied: 'The user wants to keep planning: do not begin yet, ask what should be different.',
  planDeniedBecause: (words: string) => `The user wants to keep planning, and wrote: ${words}`,
} as const;
