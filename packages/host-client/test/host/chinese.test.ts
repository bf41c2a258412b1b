import { expect, test } from 'vitest';
import { SessionNode } from '../fakes/session-node.ts';
import { WholeNode } from '../fakes/whole-node.ts';

const han = /\p{Script=Han}/u;

test('who writes Chinese is answered in Chinese, over restarts too; who goes over to English in English', async () => {
  await using node = await WholeNode.start();
  await node.say('m1', '帮我看一下这个项目');
  await node.answerTo('m1');
  await node.say('m2', '/abracadabra');
  expect(await node.answerTo('m2')).toBe('没有 /abracadabra 这个命令。/help 列出全部命令。');
  await node.restart();
  await node.say('m3', '/abracadabra');
  expect(await node.answerTo('m3')).toMatch(han);
  await node.say('m4', 'what is in this project?');
  await node.answerTo('m4');
  await node.say('m5', '/abracadabra');
  expect(await node.answerTo('m5')).toBe('There is no command /abracadabra. /help lists them.');
});

test('a model that refuses its key is told about in the language of the message', async () => {
  await using node = await WholeNode.start();
  node.model.answerWith(() => ({ status: 401 }));
  await node.say('m1', '你好');
  expect(await node.answerTo('m1')).toBe('模型拒绝了密钥：请检查这台机器上的 OPENAI_API_KEY。');
  await node.say('m2', 'hello there');
  expect(await node.answerTo('m2')).toBe('The model refused the API key: check OPENAI_API_KEY on this machine.');
});

test('a reminder that is set in Chinese is confirmed in Chinese, with the day as one writes it there', async () => {
  await using node = await WholeNode.start();
  await node.say('m1', '/remind 2秒后 喝水');
  expect(await node.answerTo('m1')).toMatch(
    /^⏰ 已设定：\d{1,2}月\d{1,2}日 周[一二三四五六日] \d\d:\d\d（.+），[12]s 后。取消：\/reminders cancel [0-9a-z]{6}$/,
  );
  expect(await node.frame('task_complete')).toMatchObject({ user_id: 'ou_alice', result: '⏰ 喝水' });
});

test('a reminder that is late says so in the language of its user', async () => {
  await using node = await SessionNode.open();
  node.languages.set('alice', 'zh');
  const { store } = node.disk;
  await store.write(() => {
    const to = { userId: 'alice', chatId: 'chat' };
    node.taskRoom.scheduler.add({ ...to, message: '喝水', at: Date.now() + 60_000 });
    // As if the machine had been off.
    store.prepare('UPDATE jobs SET at = at - 660000').run();
  });
  await node.taskRoom.start();
  expect((await node.completion()).result).toBe('⏰ 喝水\n（本应在 10m 前提醒：这台机器当时没有运行）');
});

test('the end of a task is told in the language of its user', async () => {
  await using node = await WholeNode.start({ shellPolicy: 'auto' });
  node.model.enqueue({
    toolCalls: [{ name: 'run_background', arguments: { command: 'exit 3', description: '跑测试' } }],
  });
  await node.say('m1', '在后台跑测试');
  const { task_id: taskId, result } = await node.frame('task_complete');
  expect(result).toBe(`❌ 任务 #${taskId} 失败（退出码 3）\n跑测试\n\n（没有输出）`);
});

test('with a language set, everybody is spoken to in it, and the model is told so', async () => {
  await using node = await WholeNode.start({ language: 'zh' });
  await node.say('m1', 'what is in this project?');
  await node.answerTo('m1');
  expect(node.lastWords('system')).toContain('Answer in Chinese');
  await node.say('m2', '/abracadabra');
  expect(await node.answerTo('m2')).toMatch(han);
});

test('with no language set, the model answers in that of the message', async () => {
  await using node = await WholeNode.start();
  await node.say('m1', 'what is in this project?');
  await node.answerTo('m1');
  expect(node.lastWords('system')).toContain("Answer in the language of the user's message.");
});

test('a model that goes on without end is stopped in the language of its user', async () => {
  await using node = await WholeNode.start();
  node.model.answerWith(() => ({ toolCalls: [{ name: 'list_sessions', arguments: '{}' }] }));
  await node.say('m1', '有哪些会话？');
  expect(await node.answerTo('m1')).toMatch(/^我一直用同样的方式调用 list_sessions，所以停下了/);
});
