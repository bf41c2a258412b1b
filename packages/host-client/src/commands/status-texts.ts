import type { Said, Text } from '@phonework/shared/language';
import { bilingual, inLanguage } from '@phonework/shared/language';

/** What `/status` says of the node itself. */
export const statusTexts = {
  node: (nodeId: string): Text => bilingual(() => `**${nodeId}**`),
  folder: (folder: string): Text => ({ en: `Folder: ${folder}`, zh: `文件夹：${folder}` }),
  model: (model: Said): Text => ({
    en: `Model: ${inLanguage(model, 'en')}`,
    zh: `模型：${inLanguage(model, 'zh')}`,
  }),
  noModel: { en: 'none (commands and /direct only)', zh: '无（只能用命令和 /direct）' },
  shell: (policy: string): Text => ({ en: `Shell: ${policy}`, zh: `Shell：${policy}` }),
  alwaysAllowed: (count: number): Text => ({
    en: `Always allowed: ${count} (/rules)`,
    zh: `始终允许：${count} 条（/rules）`,
  }),
  toSession: { en: 'Messages go to: the session (/direct)', zh: '消息送到：会话（/direct）' },
  toMailboy: { en: 'Messages go to: the assistant (/smart)', zh: '消息送到：助手（/smart）' },
  running: (duration: string): Text => ({
    en: `Running: one message, for ${duration}`,
    zh: `正在运行：一条消息，已 ${duration}`,
  }),
  waiting: (count: number): Text => ({ en: `Waiting: ${count}`, zh: `排队：${count} 条` }),
} as const;
