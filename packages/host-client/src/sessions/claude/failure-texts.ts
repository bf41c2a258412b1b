import { formatDuration } from '@phonework/shared/duration';
import type { Said, Text } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';

/** What a user reads when Claude's service does not answer Claude Code, or a turn fails. */
export const failureTexts = {
  notLoggedIn: (node: string): Text => ({
    en: `Claude Code on ${node} is not logged in: run claude there once and use /login.`,
    zh: `${node} 上的 Claude Code 没有登录：请在那里运行一次 claude，用 /login 登录。`,
  }),
  accountRefused: (node: string, why: Said): Text => ({
    en: `Claude's service refuses the account of Claude Code on ${node} (${inLanguage(why, 'en')}): run claude there and log in with another one.`,
    zh: `Claude 的服务拒绝了 ${node} 上 Claude Code 的账号（${inLanguage(why, 'zh')}）：请在那里运行 claude，换一个账号登录。`,
  }),
  noCredit: (node: string): Text => ({
    en: `The account of Claude Code on ${node} has no credit left: add some in Anthropic's console, then send your message again.`,
    zh: `${node} 上 Claude Code 的账号余额已用完：请在 Anthropic 控制台充值，再发一次消息。`,
  }),
  overLimit: (node: string, resetsInMs: number | undefined): Text =>
    resetsInMs === undefined
      ? {
          en: `Claude Code on ${node} is over its usage limit: send your message again later.`,
          zh: `${node} 上的 Claude Code 已超出用量限制：请稍后再发一次消息。`,
        }
      : {
          en: `Claude Code on ${node} is over its usage limit: send your message again in ${formatDuration(resetsInMs)}, when the limit is reset.`,
          zh: `${node} 上的 Claude Code 已超出用量限制：${formatDuration(resetsInMs)} 后限制重置，请到时再发一次消息。`,
        },
  overloaded: {
    en: "Claude's service is overloaded or down: send your message again in a few minutes.",
    zh: 'Claude 的服务过载或不可用：请过几分钟再发一次消息。',
  },
  unknownModel: {
    en: "Claude's service does not offer this model to your account: choose another one with /model.",
    zh: 'Claude 的服务不向你的账号提供这个模型：请用 /model 换一个。',
  },
  tooLong: {
    en: 'This conversation has grown too long for Claude: send /compact, or /clear to start afresh.',
    zh: '这个对话对 Claude 来说太长了：请发 /compact，或用 /clear 重新开始。',
  },
  requestRefused: (why: Said): Text => ({
    en: `Claude's service refused the request (${inLanguage(why, 'en')}): write it differently, or send /clear to start afresh.`,
    zh: `Claude 的服务拒绝了请求（${inLanguage(why, 'zh')}）：请换个说法，或用 /clear 重新开始。`,
  }),
  tooManyTurns: {
    en: 'Claude stopped after too many steps in one turn: say "go on" for the rest.',
    zh: 'Claude 在一轮里步骤太多，已停下：说“继续”让它做完剩下的。',
  },
  turnFailed: (node: string, why: Said): Text => ({
    en: `The turn of Claude Code on ${node} failed (${inLanguage(why, 'en')}): send your message again.`,
    zh: `${node} 上 Claude Code 的这一轮失败了（${inLanguage(why, 'zh')}）：请再发一次消息。`,
  }),
  /** `category` is Claude Code's own name for it, such as `rate_limit`. */
  retry: (category: string, status: number | undefined): Text => {
    const words = category.replaceAll('_', ' ');
    const known = categories.get(category) ?? words;
    return status === undefined ? { en: words, zh: known } : { en: `${words}, ${status}`, zh: `${known}，${status}` };
  },
} as const;

/** Those that are asked again, in Chinese. */
const categories: ReadonlyMap<string, string> = new Map([
  ['authentication_failed', '登录无效'],
  ['billing_error', '余额不足'],
  ['overloaded', '服务过载'],
  ['rate_limit', '超出用量限制'],
  ['server_error', '服务出错'],
  ['unknown', '原因不明'],
]);
