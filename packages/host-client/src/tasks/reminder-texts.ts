import { DAY_MS, formatDuration, MINUTE_MS } from '@phonework/shared/duration';
import type { Language, Said, Text } from '@phonework/shared/language';
import { join } from '@phonework/shared/language';
import type { Job } from './job.ts';
import type { Repeat } from './repeat.ts';
import type { Clock } from './time-zone.ts';

const weekdays: Readonly<Record<Language, readonly string[]>> = {
  en: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
  zh: ['周日', '周一', '周二', '周三', '周四', '周五', '周六'],
};
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Of a message in a list, in characters. */
const LISTED_LENGTH = 60;

type When = Clock & { readonly at: number };

/** What the scheduler says to people. */
export const reminderTexts = {
  fired: ({ message, lateMs, missedRuns }: { message: string; lateMs: number; missedRuns: number }): Text =>
    join([`⏰ ${message}`, lateNote(lateMs, missedRuns)], '\n'),
  set: ({ id, at, repeat, runsLeft }: Job, clock: Clock): Text => {
    const { now, zone } = clock;
    const time = localTime({ at, ...clock });
    const duration = exactDuration(at - now);
    const repeated = repeat && describeRepeat(repeat, runsLeft, inAll);
    return {
      en: `⏰ Set for ${time.en} (${zone.name}), in ${duration}${repeated ? `, then ${repeated.en}` : ''}. Cancel: /reminders cancel ${id}`,
      zh: `⏰ 已设定：${time.zh}（${zone.name}），${duration} 后${repeated ? `，之后${repeated.zh}` : ''}。取消：/reminders cancel ${id}`,
    };
  },
  list: (jobs: readonly Job[], clock: Clock): Text => {
    const [first] = jobs;
    if (first === undefined) return noReminders;
    const { name } = clock.zone;
    const cancel = `/reminders cancel ${first.id}`;
    return join(
      [
        { en: `Reminders (${name}):`, zh: `提醒（${name}）：` },
        ...jobs.map((job) => listed(job, clock)),
        { en: `Cancel one: ${cancel}`, zh: `取消一个：${cancel}` },
      ],
      '\n',
    );
  },
  cancelled: ({ id, message }: Pick<Job, 'id' | 'message'>): Text => ({
    en: `Reminder ${id} is cancelled: ${oneLine(message)}`,
    zh: `提醒 ${id} 已取消：${oneLine(message)}`,
  }),
  notFound: (id: string): Text => ({
    en: `There is no reminder ${oneLine(id)}. /reminders lists yours.`,
    zh: `没有提醒 ${oneLine(id)}。/reminders 列出你的提醒。`,
  }),
  usage: {
    en: 'Write when, then what, such as: /remind 10m deploy check, or: /remind tomorrow 9:00 stand-up. /reminders lists what is set.',
    zh: '先写时间，再写内容，例如：/remind 10分钟后 检查部署，或：/remind 明天 9:00 站会。/reminders 列出已设定的提醒。',
  },
  listUsage: {
    en: '/reminders lists what is set, and /reminders cancel k3f9x2 cancels the one with that id.',
    zh: '/reminders 列出已设定的提醒，/reminders cancel k3f9x2 取消这个 id 的提醒。',
  },
  refusals: {
    empty: {
      en: 'Write what to remind you of behind the time, such as: /remind 10m deploy check',
      zh: '请在时间后面写上要提醒的内容，例如：/remind 10分钟后 检查部署',
    },
    tooLong: (length: number, most: number): Text => ({
      en: `The message has ${length} characters, and a reminder holds ${most}: make it shorter.`,
      zh: `内容有 ${length} 个字符，而一个提醒最多 ${most} 个：请写短一些。`,
    }),
    past: (when: When): Text => {
      const here = localTime({ ...when, at: when.now });
      const then = localTime(when);
      return {
        en: `That time is over: here it is ${here.en} (${when.zone.name}), and that was ${then.en}. Give a later one.`,
        zh: `这个时间已经过了：这里现在是 ${here.zh}（${when.zone.name}），而那是 ${then.zh}。请给一个更晚的时间。`,
      };
    },
    tooFar: {
      en: 'That is more than 5 years away: choose a nearer time.',
      zh: '那在 5 年以后：请选一个近一些的时间。',
    },
    tooOften: (leastMs: number): Text => ({
      en: `Repeats need at least ${formatDuration(leastMs)} between them: choose a longer time.`,
      zh: `两次重复至少要隔 ${formatDuration(leastMs)}：请选长一些的间隔。`,
    }),
    tooMany: (most: number): Text => ({
      en: `You have ${most} reminders, which is the most there can be: /reminders lists them, cancel some.`,
      zh: `你已有 ${most} 个提醒，不能再多了：/reminders 列出它们，请取消一些。`,
    }),
  },
} as const;

const noReminders: Text = {
  en: 'No reminders are set. Set one: /remind 10m deploy check',
  zh: '还没有设定提醒。设定一个：/remind 10分钟后 检查部署',
};

function lateNote(lateMs: number, missedRuns: number): Said {
  if (missedRuns > 0) {
    return {
      en: missedRuns === 1 ? '(1 run was missed)' : `(${missedRuns} runs were missed)`,
      zh: `（错过了 ${missedRuns} 次）`,
    };
  }
  if (lateMs <= 0) return '';
  const late = formatDuration(lateMs);
  return { en: `(due ${late} ago: this machine was off)`, zh: `（本应在 ${late} 前提醒：这台机器当时没有运行）` };
}

function listed({ id, at, repeat, runsLeft, message, sessionId }: Job, clock: Clock): Text {
  const time = localTime({ at, ...clock });
  const duration = exactDuration(at - clock.now);
  return join(
    [
      id,
      { en: `${time.en}, in ${duration}`, zh: `${time.zh}，${duration} 后` },
      ...(repeat === undefined ? [] : [describeRepeat(repeat, runsLeft, left)]),
      ...(sessionId === undefined ? [] : [{ en: `to session ${sessionId}`, zh: `发给会话 ${sessionId}` }]),
      oneLine(message),
    ],
    ' · ',
  );
}

const inAll = (runs: number): Text => ({
  en: `${runs} ${runs === 1 ? 'time' : 'times'} in all`,
  zh: `共 ${runs} 次`,
});
const left = (runs: number): Text => ({
  en: `${runs} ${runs === 1 ? 'time' : 'times'} left`,
  zh: `还有 ${runs} 次`,
});

function describeRepeat(repeat: Repeat, runs: number | undefined, limit: (runs: number) => Text): Text {
  const interval = describeInterval(repeat);
  const limited = runs === undefined ? undefined : limit(runs);
  return {
    en: `every ${interval.en}${limited ? `, ${limited.en}` : ''}`,
    zh: `每${interval.zh}${limited ? `，${limited.zh}` : ''}`,
  };
}

function describeInterval(repeat: Repeat): Text {
  if (repeat.kind === 'interval') {
    const duration = exactDuration(repeat.ms);
    return { en: duration, zh: ` ${duration} 一次` };
  }
  if (repeat.days === 1) return { en: 'day', zh: '天' };
  return repeat.days === 7 ? { en: 'week', zh: '周' } : { en: `${repeat.days} days`, zh: ` ${repeat.days} 天` };
}

/** `Tue 24 Nov 09:00`, `11月24日 周二 09:00`, with the year where it is another one. */
function localTime({ at, now, zone }: When): Text {
  const wall = new Date(zone.toWall(at));
  const year = wall.getUTCFullYear();
  const isThisYear = year === new Date(zone.toWall(now)).getUTCFullYear();
  const [month, day, weekday] = [wall.getUTCMonth(), wall.getUTCDate(), wall.getUTCDay()];
  const time = wall.toISOString().slice(11, 16);
  return {
    en: `${weekdays.en[weekday]} ${day} ${months[month]}${isThisYear ? '' : ` ${year}`} ${time}`,
    zh: `${isThisYear ? '' : `${year}年`}${month + 1}月${day}日 ${weekdays.zh[weekday]} ${time}`,
  };
}

/** `1h 30m`: the two largest units, since somebody has just asked for just that. */
function exactDuration(durationMs: number): string {
  const ms = Math.max(0, durationMs);
  const parts = [
    [Math.floor(ms / DAY_MS), 'd'],
    [Math.floor(ms / (60 * MINUTE_MS)) % 24, 'h'],
    [Math.floor(ms / MINUTE_MS) % 60, 'm'],
    [Math.floor(ms / 1000) % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return '0s';
  const shown = parts.slice(first, first + 2).filter(([count]) => count > 0);
  return shown.map(([count, unit]) => `${count}${unit}`).join(' ');
}

function oneLine(text: string): string {
  const characters = [...text.replace(/\s+/g, ' ').trim()];
  const isLong = characters.length > LISTED_LENGTH;
  return isLong ? `${characters.slice(0, LISTED_LENGTH - 1).join('')}…` : characters.join('');
}
