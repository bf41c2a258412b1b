import { formatDuration } from '../duration.ts';
import type { Text } from '../language/language.ts';

/** What people are told when the model gives no answer. */
export const modelTexts = {
  stopped: { en: 'Stopped.', zh: '已停止。' },
  brokeOff: (host: string): Text => ({
    en: `The answer of the model at ${host} broke off: try again in a minute.`,
    zh: `${host} 上的模型回答到一半断了：请过一分钟再试。`,
  }),
  unreadable: (host: string): Text => ({
    en: `The model at ${host} sent an answer that can't be read: try again, and if it stays so check OPENAI_BASE_URL on this machine.`,
    zh: `${host} 上的模型发来的回答无法读取：请再试一次，一直这样的话请检查这台机器上的 OPENAI_BASE_URL。`,
  }),
  unexpected: {
    en: "The call of the model failed unexpectedly: try again, and if it stays so look at this node's log.",
    zh: '调用模型时出了意外：请再试一次，一直这样的话请看这个节点的日志。',
  },
  notBefore: (waitMs: number): Text => ({
    en: `The model takes no requests for the next ${formatDuration(waitMs)}: try again then.`,
    zh: `模型在 ${formatDuration(waitMs)} 内不接受请求：请到时再试。`,
  }),
  key: {
    en: 'The model refused the API key: check OPENAI_API_KEY on this machine.',
    zh: '模型拒绝了密钥：请检查这台机器上的 OPENAI_API_KEY。',
  },
  permission: (model: string): Text => ({
    en: `This API key may not use the model "${model}": check the account, OPENAI_API_KEY and OPENAI_MODEL on this machine.`,
    zh: `这个密钥不能使用模型“${model}”：请检查账号，以及这台机器上的 OPENAI_API_KEY 和 OPENAI_MODEL。`,
  }),
  noModel: (model: string, host: string): Text => ({
    en: `There is no model "${model}" at ${host}: check OPENAI_MODEL and OPENAI_BASE_URL on this machine.`,
    zh: `${host} 上没有模型“${model}”：请检查这台机器上的 OPENAI_MODEL 和 OPENAI_BASE_URL。`,
  }),
  balance: {
    en: "The model's account has no balance or quota left: top it up, or set another OPENAI_API_KEY on this machine.",
    zh: '模型账号的余额或额度已用完：请充值，或在这台机器上换一个 OPENAI_API_KEY。',
  },
  rate: {
    en: 'The model has too many requests at the moment: try again in a minute.',
    zh: '模型现在的请求太多：请过一分钟再试。',
  },
  server: (host: string): Text => ({
    en: `The model at ${host} has a problem at the moment: try again in a minute.`,
    zh: `${host} 上的模型现在有故障：请过一分钟再试。`,
  }),
  policy: {
    en: "The model's content filter refused this: put it another way, or send /clear to start afresh.",
    zh: '模型的内容过滤拒绝了这条消息：请换个说法，或发送 /clear 重新开始。',
  },
  tooLong: {
    en: 'This conversation has become too long for the model: send /clear to start afresh.',
    zh: '这段对话对模型来说太长了：请发送 /clear 重新开始。',
  },
  timeout: (host: string): Text => ({
    en: `The model at ${host} took too long to answer: try again in a minute.`,
    zh: `${host} 上的模型回答太慢：请过一分钟再试。`,
  }),
  request: {
    en: 'The model refused the request: send /clear to start afresh, and if it stays so check OPENAI_MODEL on this machine.',
    zh: '模型拒绝了这个请求：请发送 /clear 重新开始，一直这样的话请检查这台机器上的 OPENAI_MODEL。',
  },
  unreachable: (host: string): Text => ({
    en: `The model at ${host} can't be reached: check the network and OPENAI_BASE_URL on this machine.`,
    zh: `无法连接 ${host} 上的模型：请检查网络和这台机器上的 OPENAI_BASE_URL。`,
  }),
} as const;
