import { expect, test } from 'vitest';
import { PlainBot } from './plain-bot.ts';

const path = '/speech_to_text/v1/speech/file_recognize';
const speech = { speech: Buffer.from('pcm').toString('base64') };
const config = { file_id: 'abcdefghijklmnop', format: 'pcm', engine_type: '16k_auto' };

test('what was said in a sound is told to an app that may ask', async () => {
  await using bot = await PlainBot.start();
  bot.feishu.recognizes = 'hello';
  expect((await bot.call('POST', path, { speech, config })).body.code).toBe(99991672);
  bot.feishu.canRecognizeSpeech = true;
  expect((await bot.call('POST', path, { speech, config })).data).toEqual({ recognition_text: 'hello' });
});

test.each([
  ['no sound', { speech: { speech: '' }, config }],
  ['another format', { speech, config: { ...config, format: 'opus' } }],
  ['another engine', { speech, config: { ...config, engine_type: '8k' } }],
  ['a short id', { speech, config: { ...config, file_id: 'abc' } }],
  ['no configuration', { speech }],
])('a call with %s is refused', async (_what, body) => {
  await using bot = await PlainBot.start();
  bot.feishu.canRecognizeSpeech = true;
  expect(await bot.call('POST', path, body)).toMatchObject({ status: 400, body: { code: 99992402 } });
});
