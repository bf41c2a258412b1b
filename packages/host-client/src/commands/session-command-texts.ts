import type { Said, Text } from '@phonework/shared/language';
import { bilingual, inLanguage, join } from '@phonework/shared/language';
import type { PermissionMode } from '../sessions/agent-runner.ts';

const modeMeanings: Readonly<Record<PermissionMode, Text>> = {
  default: { en: 'asks before it changes anything', zh: '改动任何东西之前先问你' },
  acceptEdits: { en: 'edits files unasked', zh: '编辑文件不再询问' },
  plan: { en: 'only makes plans', zh: '只做计划' },
  bypassPermissions: { en: 'asks for nothing', zh: '什么都不问' },
};

/** What the commands about sessions answer. */
export const sessionCommandTexts = {
  noneActive: {
    en: 'No session is active. /sessions lists yours and what else is on this machine, /new <name> opens one.',
    zh: '没有正在使用的会话。/sessions 列出你的会话和这台机器上的其他对话，/new <名称> 打开一个。',
  },
  unknown: (text: string, meant: string | undefined): Text => ({
    en: `No session is called "${text}".${meant === undefined ? '' : ` Did you mean ${meant}?`} /sessions lists yours.`,
    zh: `没有叫“${text}”的会话。${meant === undefined ? '' : `你是指 ${meant} 吗？`}/sessions 列出你的会话。`,
  }),
  several: (text: string, names: readonly string[]): Text => ({
    en: `"${text}" could be ${names.join(' or ')}: write more of it.`,
    zh: `“${text}”可能是 ${names.join(' 或 ')}：请多写几个字。`,
  }),
  /** `next` says whom messages go to. */
  created: (name: string, folder: string, next: Text): Text => ({
    en: `🆕 ${name} is open in ${folder}. ${next.en}`,
    zh: `🆕 ${name} 已在 ${folder} 打开。${next.zh}`,
  }),
  talksToSession: { en: 'Your messages go to it.', zh: '你的消息会送到它那里。' },
  talksToMailboy: (name: string): Text => ({
    en: `Your messages go to the assistant, who can pass work on to it; /direct sends them to ${name} itself.`,
    zh: `你的消息由助手接收，它可以把活交给这个会话；/direct 让消息直接送到 ${name}。`,
  }),
  switchButton: (name: string): Text => ({ en: `Switch to ${name}`, zh: `切换到 ${name}` }),
  switchTitle: { en: 'Switch to another session', zh: '切换到另一个会话' },
  switched: (name: string): Text => bilingual(() => `→ ${name}`),
  takenOver: (name: string, folder: string): Text => ({
    en: `→ ${name}, taken over from this machine (${folder}).`,
    zh: `→ ${name}，从这台机器接手（${folder}）。`,
  }),
  takenByOther: {
    en: 'Somebody else has taken that conversation over already. /sessions shows what is left.',
    zh: '这个对话已经被别人接手了。/sessions 列出剩下的。',
  },
  switchUsage: {
    en: 'Which one? /switch <name or number>; /sessions lists them.',
    zh: '切换到哪一个？/switch <名称或编号>；/sessions 列出它们。',
  },
  closed: (name: string, dropped: number): Text => ({
    en: `${name} is closed${dropped === 0 ? '' : `; ${dropped} waiting dropped`}. Its conversation stays on the machine: /sessions lists it.`,
    zh: `${name} 已关闭${dropped === 0 ? '' : `；丢弃了 ${dropped} 条排队的消息`}。它的对话还留在机器上：/sessions 会列出它。`,
  }),
  direct: (name: string | undefined): Text =>
    name === undefined
      ? {
          en: 'Your messages go straight to Claude Code now. No session is open yet: /new <name> opens one.',
          zh: '你的消息现在直接送到 Claude Code。还没有打开的会话：/new <名称> 打开一个。',
        }
      : {
          en: `Your messages go straight to ${name} now. /smart gives them back to the assistant.`,
          zh: `你的消息现在直接送到 ${name}。/smart 交还给助手。`,
        },
  smart: {
    en: 'Your messages go to the assistant now. /direct sends them straight to the session.',
    zh: '你的消息现在由助手接收。/direct 让它们直接送到会话。',
  },
  smartWithoutModel: {
    en: 'There is no model on this machine, so there is no assistant to talk to: set OPENAI_API_KEY in its configuration. Your messages go straight to the session.',
    zh: '这台机器上没有模型，所以没有助手可用：请在它的配置里设置 OPENAI_API_KEY。你的消息直接送到会话。',
  },
  modeUsage: (mode: PermissionMode, modes: readonly PermissionMode[]): Text =>
    join(
      [
        { en: `The mode is ${mode}. /mode <name> changes it:`, zh: `当前模式是 ${mode}。/mode <名称> 可以更改：` },
        ...modes.map((each) => ({
          en: `${each}: ${modeMeanings[each].en}`,
          zh: `${each}：${modeMeanings[each].zh}`,
        })),
      ],
      '\n',
    ),
  mode: (name: string, mode: PermissionMode): Text => ({
    en: `${name} works in mode ${mode} now.`,
    zh: `${name} 现在以 ${mode} 模式工作。`,
  }),
  bypass: (name: string): Text => ({
    en: `⚠️ ${name} asks for nothing any more: Claude Code may run and change anything on this machine. /mode default takes that back.`,
    zh: `⚠️ ${name} 不再询问任何事：Claude Code 可以在这台机器上运行和改动任何东西。/mode default 可以收回。`,
  }),
  modelUsage: (model: string | undefined): Text => ({
    en: `The model is ${model ?? "Claude Code's default"}. /model <name> chooses another, /model default goes back.`,
    zh: `当前模型是 ${model ?? 'Claude Code 的默认模型'}。/model <名称> 换一个，/model default 换回默认。`,
  }),
  model: (name: string, model: string | undefined): Text => ({
    en: `${name} uses ${model ?? "Claude Code's default model"} from now on.`,
    zh: `${name} 从现在起使用 ${model ?? 'Claude Code 的默认模型'}。`,
  }),
  nothingRuns: { en: 'Nothing is running.', zh: '没有正在运行的任务。' },
  stopButton: { en: 'Stop', zh: '停止' },
  stopTitle: { en: 'Stop what is running', zh: '停止正在运行的任务' },
  stopping: (what: readonly Said[]): Text => ({
    en: `⏹ Stopping ${what.map((each) => inLanguage(each, 'en')).join(' and ')}.`,
    zh: `⏹ 正在停止：${what.map((each) => inLanguage(each, 'zh')).join('、')}。`,
  }),
  message: { en: 'your message', zh: '你的消息' },
  waitingAfterStop: (name: string, waiting: number): Text => ({
    en:
      waiting === 1
        ? `One message waits for ${name}. What becomes of it?`
        : `${waiting} messages wait for ${name}. What becomes of them?`,
    zh: `${name} 有 ${waiting} 条消息在排队。怎么处理？`,
  }),
  waitingBehind: (waiting: number): Text => ({
    en: `Waiting behind it: ${waiting}; these go on.`,
    zh: `后面还有 ${waiting} 条在排队，会继续运行。`,
  }),
  stillRunning: (names: readonly string[]): Text => ({
    en: `Still running: ${names.join(', ')}. /stop <name> ends one, /stop all everything.`,
    zh: `仍在运行：${names.join('、')}。/stop <名称> 停止其中一个，/stop all 停止全部。`,
  }),
  noSuchWork: (text: string): Text => ({
    en: `Nothing called "${text}" is running. /status shows what is.`,
    zh: `没有叫“${text}”的任务在运行。/status 显示正在运行的任务。`,
  }),
} as const;
