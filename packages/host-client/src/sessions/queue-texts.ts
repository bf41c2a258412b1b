import type { Text } from '@phonework/shared/language';

/** The question what becomes of messages that wait since /stop. */
export const queueTexts = {
  title: (name: string, waiting: number): Text => ({
    en: `${name}: ${waiting} waiting since /stop`,
    zh: `${name}：/stop 之后有 ${waiting} 条在排队`,
  }),
  run: (waiting: number): Text =>
    waiting === 1 ? { en: 'Run it', zh: '运行' } : { en: `Run all ${waiting}`, zh: `全部运行（${waiting} 条）` },
  newest: { en: 'Run only the newest', zh: '只运行最新的' },
  drop: (waiting: number): Text =>
    waiting === 1 ? { en: 'Drop it', zh: '丢弃' } : { en: 'Drop them', zh: '全部丢弃' },
} as const;
