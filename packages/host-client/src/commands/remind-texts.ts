import type { Text } from '@phonework/shared/language';

/** What stands on the buttons under `/reminders`. */
export const remindTexts = {
  listTitle: { en: 'Reminders that can be cancelled', zh: '可以取消的提醒' },
  cancelButton: (id: string): Text => ({ en: `Cancel ${id}`, zh: `取消 ${id}` }),
} as const;
