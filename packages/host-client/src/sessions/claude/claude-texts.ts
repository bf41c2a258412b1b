import { formatDuration } from '@phonework/shared/duration';
import type { Said, Text } from '@phonework/shared/language';
import { bilingual, inLanguage } from '@phonework/shared/language';
import { toPlainText } from '@phonework/shared/terminal-text';
import { firstLine } from '../../texts/cut.ts';

/** What a user reads about Claude Code, when it does not do what it was asked. */
export const claudeTexts = {
  missing: (node: string): Text => ({
    en: `There is no Claude Code on ${node}: install it there with "npm install -g @anthropic-ai/claude-code", or set CLAUDE_COMMAND to where it is.`,
    zh: `${node} 上没有 Claude Code：请在那里运行“npm install -g @anthropic-ai/claude-code”安装它，或把 CLAUDE_COMMAND 设为它的位置。`,
  }),
  notStarted: (node: string, why: Said): Text => ({
    en: `Claude Code did not start on ${node} (${inLanguage(why, 'en')}): run claude there once to see what it needs.`,
    zh: `${node} 上的 Claude Code 没有启动（${inLanguage(why, 'zh')}）：请在那里运行一次 claude，看看它需要什么。`,
  }),
  noReason: { en: 'it gave no reason', zh: '它没有说明原因' },
  silentStart: (waitedMs: number): Text => ({
    en: `no answer within ${formatDuration(waitedMs)}`,
    zh: `${formatDuration(waitedMs)} 内没有响应`,
  }),
  stoppedStart: {
    en: 'Claude Code was stopped before it had started: send your message again if you still want it.',
    zh: 'Claude Code 还没启动就被停止了：如果还需要，请再发一次消息。',
  },
  notContinued: (node: string): Text => ({
    en: `Claude Code on ${node} can't go on with the turn that was cut: send your message again.`,
    zh: `${node} 上的 Claude Code 无法继续中断的那一轮：请再发一次消息。`,
  }),
  noConversation: (node: string): Text => ({
    en: `Claude Code on ${node} does not have this conversation any more: start a new one with /new.`,
    zh: `${node} 上的 Claude Code 已没有这个对话：请用 /new 开始一个新的。`,
  }),
  rootBypass: (node: string): Text => ({
    en: `Claude Code does not allow bypassPermissions as root on ${node}: choose another mode with /mode, or run PhoneWork there as another user.`,
    zh: `在 ${node} 上以 root 运行时，Claude Code 不允许 bypassPermissions：请用 /mode 选择别的模式，或在那里换一个用户运行 PhoneWork。`,
  }),
  lateBypass: (node: string): Text => ({
    en: `Claude Code on ${node} can take bypassPermissions only when it starts: close the session and open it again in this mode.`,
    zh: `${node} 上的 Claude Code 只有在启动时才能用 bypassPermissions：请关闭会话，再以这个模式打开。`,
  }),
  refused: (what: Said, why: Said): Text => ({
    en: `Claude Code does not take ${inLanguage(what, 'en')} (${inLanguage(why, 'en')}): choose another one.`,
    zh: `Claude Code 不接受 ${inLanguage(what, 'zh')}（${inLanguage(why, 'zh')}）：请换一个。`,
  }),
  silent: { en: 'it does not answer', zh: '它没有响应' },
  defaultModel: { en: 'its default model', zh: '默认模型' },
  wrongAnswer: {
    en: "That answer does not fit Claude's question: use the buttons under it.",
    zh: '这个回答不符合 Claude 的问题：请使用它下面的按钮。',
  },
  ended: (node: string): Text => ({
    en: `Claude Code on ${node} has ended: send your message again to start it.`,
    zh: `${node} 上的 Claude Code 已结束：再发一次消息就会启动它。`,
  }),
  endedByItself: (node: string, why: Said): Text => ({
    en: `Claude Code on ${node} ended by itself (${inLanguage(why, 'en')}): send your message again to start it.`,
    zh: `${node} 上的 Claude Code 自己结束了（${inLanguage(why, 'zh')}）：再发一次消息就会启动它。`,
  }),
  exitReason: (how: Said, why: Said): Text => ({
    en: `${inLanguage(how, 'en')}; ${inLanguage(why, 'en')}`,
    zh: `${inLanguage(how, 'zh')}；${inLanguage(why, 'zh')}`,
  }),
  exitCode: (code: number | null): Text =>
    code === null ? { en: 'no exit code', zh: '没有退出码' } : { en: `exit code ${code}`, zh: `退出码 ${code}` },
  signal: (name: string): Text => ({ en: `signal ${name}`, zh: `信号 ${name}` }),
} as const;

/** Told to Claude Code, which may show it to its model. */
export const answersToClaude = {
  unsupported: (subtype: string) => `This host does not support the control request "${subtype}".`,
  unreadable: 'This host could not read the request.',
} as const;

/** The first line of what a program wrote, fit to stand in a sentence of ours. */
export function toReason(written: Said): Text {
  return bilingual((language) => {
    const text = toPlainText(inLanguage(written, language).slice(0, 2_000));
    return firstLine(text, 200).replace(/[.。]$/, '') || claudeTexts.noReason[language];
  });
}
