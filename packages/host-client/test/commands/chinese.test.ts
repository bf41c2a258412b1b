import { describe, expect, test } from 'vitest';
import { ChatNode } from '../fakes/chat-node.ts';
import { labels } from '../fakes/session-node.ts';

async function openChinese(): Promise<ChatNode> {
  const chat = await ChatNode.open();
  chat.node.languages.set('alice', 'zh');
  return chat;
}

/** Written for people, so no word of the catalogue may be left in English. */
const english = /\b(the|your|is|are|of|to|it)\b/;

describe('who writes Chinese reads Chinese', () => {
  test('about sessions', async () => {
    await using chat = await openChinese();
    expect(await chat.read('/close')).toBe(
      '没有正在使用的会话。/sessions 列出你的会话和这台机器上的其他对话，/new <名称> 打开一个。',
    );
    expect(await chat.read('/new app')).toBe(
      '🆕 app 已在 app 打开。你的消息由助手接收，它可以把活交给这个会话；/direct 让消息直接送到 app。',
    );
    expect(await chat.read('/mode')).toMatch(/^当前模式是 default。[\s\S]*\nplan：只做计划\n/);
    expect(await chat.read('/direct')).toBe('你的消息现在直接送到 app。/smart 交还给助手。');
    expect(await chat.read('/new app', 'bob')).toMatch(/^🆕 app is open in app\. Your messages/);
  });

  test('about what runs, and what becomes of what waits', async () => {
    await using chat = await openChinese();
    expect(await chat.read('/stop')).toBe('没有正在运行的任务。');
    await chat.working(await chat.direct());
    await chat.send('and then this');
    expect((await chat.say('/stop')).reply).toBe('⏹ 正在停止：app。\napp 有 1 条消息在排队。怎么处理？');
    expect(await chat.read('/status')).toMatch(
      /^\*\*home-pc\*\*\n文件夹：.*\n模型：无（只能用命令和 \/direct）\nShell：ask\n消息送到：会话（\/direct）\n/,
    );
  });

  test('about what is always allowed, tasks and reminders', async () => {
    await using chat = await openChinese();
    const call = { program: 'make', subcommand: 'test' };
    await chat.node.disk.store.write(() =>
      chat.desk.rules.add({ userId: 'alice', folder: chat.node.workingDir, calls: [call] }),
    );
    expect(await chat.read('/rules')).toMatch(
      /^始终允许，不再询问：\n\w{6} · `make test`（工作文件夹及其下级）\n\/rules remove <id> 撤销其中一条。$/,
    );
    expect(await chat.read('/tasks')).toMatch(/^没有任务。/);
    expect(await chat.read('/task zzzzzz')).toBe('没有任务 #zzzzzz。/tasks 列出全部任务。');
    expect(await chat.read('/reminders')).not.toMatch(english);
  });

  test('about a task, on its buttons too', async () => {
    await using chat = await openChinese();
    const { taskRoom, workingDir: cwd } = chat.node;
    const subject = { kind: 'shell', command: 'sleep 100', cwd } as const;
    const to = { userId: 'alice', chatId: 'chat of alice' };
    const id = await taskRoom.runner.submit({ ...to, description: 'the tests', subject });
    const list = await chat.say('/tasks');
    expect(list.reply).toMatch(new RegExp(`^⏳ #${id} 已运行 0s：the tests$`));
    expect(labels(list)).toEqual([`查看 #${id}`, `取消 #${id}`]);
    await chat.node.press(list, `查看 #${id}`);
    const shown = await chat.node.message('sleep 100');
    expect(shown.text.split('\n')).toEqual([
      `⏳ 任务 #${id} 已运行 0s`,
      'the tests',
      '```',
      'sleep 100',
      '```',
      `位于 ${cwd}`,
      '',
      '（没有输出）',
      expect.stringMatching(/^全部输出：.*\.log$/),
    ]);
    await chat.node.press(shown, `取消 #${id}`);
    await chat.node.message(`正在结束任务 #${id}。`);
  });

  test('about a command of their own', async () => {
    await using chat = await openChinese();
    expect(await chat.read('/shell touch made')).toMatch(/^（没有输出）/);
    expect(await chat.read('/shell echo hi; exit 3')).toMatch(/^```\nhi\n```\n退出码 3/);
    expect(await chat.read('/shell rm -rf /')).toMatch(/^已拦截（Blocked）：这条命令/);
    const cut = await chat.say('/shell seq 100000');
    expect(cut.reply).toContain('\n… 省略了 567 KB');
    expect(cut).toMatchObject({ actions: [{ label: '发送全部输出' }] });
  });
});
