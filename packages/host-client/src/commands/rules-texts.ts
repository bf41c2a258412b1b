import type { Said, Text } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';

/** What `/rules` answers. */
export const rulesTexts = {
  none: {
    en: 'Nothing is always allowed. "Always allow" under a question about a command stores what it allows here.',
    zh: '没有始终允许的命令。在询问命令的问题下面按“始终允许”，就会记在这里。',
  },
  title: { en: 'Always allowed, without a question:', zh: '始终允许，不再询问：' },
  rule: (call: string, place: Said): Text => ({
    en: `${call} in ${inLanguage(place, 'en')} and below`,
    zh: `${call}（${inLanguage(place, 'zh')}及其下级）`,
  }),
  workingFolder: { en: 'the working folder', zh: '工作文件夹' },
  hint: { en: '/rules remove <id> takes one back.', zh: '/rules remove <id> 撤销其中一条。' },
  removed: (rule: Text): Text => ({
    en: `Not always allowed any more: ${rule.en}. You are asked again.`,
    zh: `不再始终允许：${rule.zh}。以后会再问你。`,
  }),
  unknown: (id: string): Text => ({
    en: `There is no rule ${id}. /rules lists them.`,
    zh: `没有规则 ${id}。/rules 列出全部规则。`,
  }),
  usage: {
    en: 'Send /rules for the list, or /rules remove and the id of one.',
    zh: '发送 /rules 查看列表，或发送 /rules remove 加一条规则的 id。',
  },
} as const;
