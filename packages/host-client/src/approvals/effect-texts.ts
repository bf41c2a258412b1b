import { formatDuration } from '@phonework/shared/duration';
import type { Text } from '@phonework/shared/language';

/** What users read about effects that they are asked about. */
export const effectTexts = {
  allowOnce: { en: 'Allow once', zh: '允许一次' },
  always: { en: 'Always allow', zh: '始终允许' },
  deny: { en: 'Deny', zh: '拒绝' },
  alwaysAllowed: {
    en: '✓ Always allowed from now on. /rules lists what is, and takes it back.',
    zh: '✓ 今后始终允许。/rules 列出这些规则，也可以撤销。',
  },
  notAsked: {
    en: 'Nothing was run: that message is over. Send it again if it is still needed.',
    zh: '没有运行任何东西：那条消息已经结束。还需要的话请再发一次。',
  },
  expired: (ttlMs: number): Text => ({
    en: `Nobody answered within ${formatDuration(ttlMs)}: not allowed, nothing was run.`,
    zh: `${formatDuration(ttlMs)} 内没有人回答：视为不允许，没有运行任何东西。`,
  }),
  takenBack: {
    en: 'Taken back, and nothing was run: you are asked again if it is still needed.',
    zh: '已撤回，没有运行任何东西：还需要的话会再问你。',
  },
} as const;
