import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SchedulerError } from '../../src/tasks/job.ts';
import { reminderTexts } from '../../src/tasks/reminder-texts.ts';
import { parseReminderTime } from '../../src/tasks/reminder-time.ts';
import { taskTexts } from '../../src/tasks/task-texts.ts';
import { JobDesk } from '../fakes/job-desk.ts';
import { TaskHouse } from '../fakes/task-house.ts';

async function begin(house: TaskHouse): Promise<string> {
  const subject = { kind: 'session', sessionId: 'abc123', turnId: 'turn' } as const;
  return await house.store.write(() =>
    house.tasks.begin({ userId: 'alice', chatId: 'chat', description: 'todo: 修登录', subject }),
  );
}

describe('who writes Chinese', () => {
  test('reads in it how each task ended', async () => {
    let now = 1_000_000;
    await using house = new TaskHouse({ now: () => now });
    house.languages.set('alice', 'zh');
    const [done, failed, cancelled, interrupted] = [
      await begin(house),
      await begin(house),
      await begin(house),
      await begin(house),
    ];
    now += 192_000;
    await house.store.write(() => {
      house.tasks.finish(done, { outcome: 'done', output: '都修好了。' });
      house.tasks.finish(failed, { outcome: 'failed', output: '', reason: taskTexts.exitCode(2) });
      house.tasks.finish(cancelled, { outcome: 'cancelled', output: { en: 'half', zh: '一半' } });
      house.tasks.finish(interrupted, { outcome: 'interrupted', output: '', reason: taskTexts.mayStillRun });
    });
    const title = 'todo: 修登录';
    expect(house.notices).toEqual([
      `✅ 任务 #${done} 已完成（3m 12s）\n${title}\n\n都修好了。`,
      `❌ 任务 #${failed} 失败（退出码 2）\n${title}\n\n（没有输出）`,
      `🚫 任务 #${cancelled} 已取消\n${title}\n\n一半`,
      [
        `⚠️ 任务 #${interrupted} 已中断\n${title}`,
        '任务完成之前，这台机器上的 PhoneWork 停了。没有重新运行。',
        '它的一些进程找不到或无法结束，可能还在运行。\n\n（没有输出）',
      ].join('\n'),
    ]);
    expect(house.tasks.find('alice', failed)).toMatchObject({ reason: '退出码 2' });
    expect(house.tasks.output(cancelled).text).toBe('一半');
  });

  test('reads so of a command that failed to start, and of an output that is long', async () => {
    await using house = new TaskHouse();
    house.languages.set('alice', 'zh');
    const nowhere = await house.submit('ls', { cwd: '/nowhere', description: '列目录' });
    expect(await house.noticeOf(nowhere)).toBe(
      `❌ 任务 #${nowhere} 失败（这台机器上没有文件夹 /nowhere）\n列目录\n\n（没有输出）`,
    );
    const long = await house.submit('seq 1000', { description: '数数' });
    expect(await house.noticeOf(long)).toMatch(
      new RegExp(`\\n\\[… 省略了 \\d+ 个字符；/task ${long} 显示更多 …\\]\\n`),
    );
  });
});

describe('reminders in Chinese', () => {
  const tuesday = Date.parse('2026-11-24T01:00:00Z');
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: tuesday });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('say when they come, as one writes it there', async () => {
    using desk = await JobDesk.open({ timeZone: 'Asia/Shanghai' });
    const { clock } = desk.scheduler;
    const said = async (job: Parameters<typeof desk.set>[0]): Promise<string> => {
      const id = await desk.set(job);
      const found = desk.scheduler.list('alice').find((each) => each.id === id);
      return found === undefined ? '' : reminderTexts.set(found, clock).zh.replace(id, 'ID');
    };
    expect(await said({ at: tuesday + 90 * 60_000 })).toBe(
      '⏰ 已设定：11月24日 周二 10:30（Asia/Shanghai），1h 30m 后。取消：/reminders cancel ID',
    );
    const repeat = { kind: 'days', days: 1, minuteOfDay: 540 } as const;
    expect(await said({ at: tuesday + 40 * 86_400_000, repeat, runsLeft: 5 })).toBe(
      '⏰ 已设定：2027年1月3日 周日 09:00（Asia/Shanghai），40d 后，之后每天，共 5 次。取消：/reminders cancel ID',
    );
    expect(await said({ at: tuesday + 60_000, repeat: { kind: 'interval', ms: 90_000 } })).toContain(
      '1m 后，之后每 1m 30s 一次。',
    );
    const [first, second, third] = desk.scheduler.list('alice');
    expect(reminderTexts.list(desk.scheduler.list('alice'), clock).zh.split('\n')).toEqual([
      '提醒（Asia/Shanghai）：',
      `${first?.id} · 11月24日 周二 09:01，1m 后 · 每 1m 30s 一次 · deploy check`,
      `${second?.id} · 11月24日 周二 10:30，1h 30m 后 · deploy check`,
      `${third?.id} · 2027年1月3日 周日 09:00，40d 后 · 每天，还有 5 次 · deploy check`,
      `取消一个：/reminders cancel ${first?.id}`,
    ]);
  });

  test('are set as the examples in Chinese say', async () => {
    using desk = await JobDesk.open({ timeZone: 'Asia/Shanghai' });
    const { clock } = desk.scheduler;
    const { usage, list } = reminderTexts;
    const examples = [
      ...usage.zh.matchAll(/\/remind (.+?)(?:，|。)/g),
      ...list([], clock).zh.matchAll(/\/remind (.+)$/g),
    ];
    expect(examples.map(([, words = '']) => parseReminderTime(words, clock))).toEqual([
      { value: { at: tuesday + 600_000 }, rest: '检查部署' },
      { value: { at: Date.parse('2026-11-25T09:00:00+08:00') }, rest: '站会' },
      { value: { at: tuesday + 600_000 }, rest: '检查部署' },
    ]);
  });

  test('say that they are late, or were missed', async () => {
    using desk = await JobDesk.open();
    desk.languages.set('alice', 'zh');
    await desk.set({ message: '喝水', at: tuesday + 60_000 });
    await desk.set({ message: '站会', at: tuesday + 70_000, repeat: { kind: 'interval', ms: 600_000 } });
    desk.scheduler.start();
    await desk.jump(3_600_000);
    expect(desk.sent).toEqual(['⏰ 喝水\n（本应在 59m 前提醒：这台机器当时没有运行）', '⏰ 站会\n（错过了 6 次）']);
  });

  test('say why they can not be set', async () => {
    using desk = await JobDesk.open({ timeZone: 'Asia/Shanghai' });
    const refused = await desk.set({ at: tuesday - 86_400_000 }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(SchedulerError);
    expect(refused).toMatchObject({
      message: expect.stringMatching(/^That time is over/),
      said: {
        zh: '这个时间已经过了：这里现在是 11月24日 周二 09:00（Asia/Shanghai），而那是 11月23日 周一 09:00。请给一个更晚的时间。',
      },
    });
  });
});
