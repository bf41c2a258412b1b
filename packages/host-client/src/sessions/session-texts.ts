import type { Said, Text } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';

/** What people read of sessions in lists, and in /status. */
export const sessionTexts = {
  none: {
    en: 'No sessions yet. Start one with /new name: what to do.',
    zh: '还没有会话。用 /new 名称: 要做的事 开始一个。',
  },
  sessions: { en: 'Sessions:', zh: '会话：' },
  switchHint: {
    en: 'Use "/switch <number or name>" to change the active one.',
    zh: '用“/switch <编号或名称>”切换正在使用的会话。',
  },
  conversations: { en: 'Other conversations on this machine:', zh: '这台机器上的其他对话：' },
  takeOver: (number: number): Text => ({
    en: `/switch ${number} takes it over.`,
    zh: `/switch ${number} 可以接手第 ${number} 个。`,
  }),
  noFirstLine: { en: '(no words yet)', zh: '（还没有内容）' },
  ago: (duration: string): Text => ({ en: `${duration} ago`, zh: `${duration} 前` }),

  // What a session does.
  idle: { en: 'idle', zh: '空闲' },
  working: (duration: string, step: Said | undefined): Text =>
    step === undefined
      ? { en: `working ${duration}`, zh: `运行中 ${duration}` }
      : {
          en: `working ${duration}: ${inLanguage(step, 'en')}`,
          zh: `运行中 ${duration}：${inLanguage(step, 'zh')}`,
        },
  waiting: { en: 'waiting for you', zh: '等你决定' },
  interrupted: { en: 'interrupted', zh: '已中断' },
  inTerminal: { en: 'in a terminal', zh: '在终端中' },

  noActiveSession: {
    en: 'No active session. /sessions lists them, /new starts one.',
    zh: '没有正在使用的会话。/sessions 列出会话，/new 开始一个。',
  },
  folder: (folder: string): Text => ({ en: `Folder: ${folder}`, zh: `文件夹：${folder}` }),
  mode: (mode: string): Text => ({ en: `Mode: ${mode}`, zh: `模式：${mode}` }),
  model: (model: string | undefined): Text => ({
    en: `Model: ${model ?? 'the default'}`,
    zh: `模型：${model ?? '默认'}`,
  }),
  context: (used: string, max: string, percent: number): Text => ({
    en: `Context: ${used} of ${max} tokens, ${percent} %`,
    zh: `上下文：${used} / ${max} tokens，${percent} %`,
  }),
  cost: (cost: string): Text => ({ en: `Cost so far: ${cost}`, zh: `目前费用：${cost}` }),
  openQuestions: { en: 'Waiting for your answer:', zh: '等你回答：' },
  answerOnly: {
    en: 'Press a button under it, or type its number, y or n; /answer and your own words say more.',
    zh: '按它下面的按钮，或输入编号、y 或 n；想多说几句，用 /answer 加你的话。',
  },
  answerOneOf: {
    en: 'Press the buttons under each, or name it: /answer #7 y.',
    zh: '按各自下面的按钮，或指明是哪一个：/answer #7 y。',
  },
  queue: (count: number): Text => ({ en: `Messages that wait: ${count}`, zh: `排队的消息：${count}` }),
  otherSessions: { en: 'Other sessions at work:', zh: '其他运行中的会话：' },
  tasks: { en: 'Tasks that run:', zh: '运行中的任务：' },
} as const;
