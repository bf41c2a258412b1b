import type { Said, Text } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';

/** What users read of a turn while it runs. */
export const activityTexts = {
  // What it does now.
  thinking: { en: 'thinking', zh: '思考中' },
  writing: { en: 'writing', zh: '正在写' },
  waitingForAnswer: { en: 'waiting for your answer', zh: '等你回答' },
  retrying: (attempt: number, maxAttempts: number, reason: Said): Text => ({
    en: `retrying ${attempt}/${maxAttempts}: ${inLanguage(reason, 'en')}`,
    zh: `重试 ${attempt}/${maxAttempts}：${inLanguage(reason, 'zh')}`,
  }),
  more: (count: number): Text => ({ en: `+${count} more`, zh: `另有 ${count} 个` }),

  // When nothing comes.
  modelSilent: (duration: string): Text => ({
    en: `no sign from the model for ${duration}, still waiting; /stop to end`,
    zh: `模型已有 ${duration} 没有回应，仍在等待；/stop 结束`,
  }),
  modelSilentAfter: (tool: string, duration: string): Text => ({
    en: `${tool} has finished; no sign from the model for ${duration}, still waiting; /stop to end`,
    zh: `${tool} 已完成；模型已有 ${duration} 没有回应，仍在等待；/stop 结束`,
  }),
  modelSilentRetrying: (attempt: number, maxAttempts: number, reason: Said, duration: string): Text => ({
    en: `the model's service failed (${inLanguage(reason, 'en')}), attempt ${attempt} of ${maxAttempts} for ${duration}; /stop to end`,
    zh: `模型服务出错（${inLanguage(reason, 'zh')}），第 ${attempt}/${maxAttempts} 次尝试，已有 ${duration}；/stop 结束`,
  }),
  toolSilent: (tool: string, duration: string): Text => ({
    en: `${tool} has been running for ${duration}, no output yet`,
    zh: `${tool} 已运行 ${duration}，还没有输出`,
  }),
  toolSilentMessage: (tool: string, duration: string): Text => ({
    en: `${tool} has been running for ${duration}, no output yet; /stop to end`,
    zh: `${tool} 已运行 ${duration}，还没有输出；/stop 结束`,
  }),
} as const;
