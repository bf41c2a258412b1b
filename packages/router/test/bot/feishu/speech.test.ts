import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FeishuApi } from '../../../src/bot/feishu/api.ts';
import { readOggOpus } from '../../../src/bot/feishu/ogg-opus.ts';
import { decodeOpus, PCM_RATE } from '../../../src/bot/feishu/opus-pcm.ts';
import { loadLarkSdk } from '../../../src/bot/feishu/sdk.ts';
import { Speech } from '../../../src/bot/feishu/speech.ts';
import { captureLog } from './captured-log.ts';
import { Setting } from './setting.ts';

/** A second of a tone of 440 Hz, recorded as phones do. */
const tone = readFileSync(new URL('fixtures/tone.opus', import.meta.url));
const signal = new AbortController().signal;

async function* sound(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

/** The same second, `count` times over. */
function longTone(count: number) {
  const opus = readOggOpus(tone);
  if (opus === undefined) throw new Error('the fixture is unreadable');
  return { ...opus, packets: Array.from({ length: count }, () => opus.packets).flat() };
}

describe('a sound', () => {
  test('becomes samples of the same tone, one a sixteen thousandth of a second', async () => {
    const pcm = await decodeOpus(longTone(1), { maxMs: 60_000, signal });
    const samples = Array.from({ length: (pcm?.length ?? 0) / 2 }, (_, index) => pcm?.readInt16LE(index * 2) ?? 0);
    // But for what the format says is to be left out.
    expect(samples.length).toBeGreaterThan(PCM_RATE * 0.98);
    expect(samples.length).toBeLessThanOrEqual(PCM_RATE);
    const waves = samples.filter((sample, index) => sample >= 0 && (samples[index - 1] ?? 0) < 0).length;
    expect(waves).toBeGreaterThan(430);
    expect(waves).toBeLessThan(450);
    expect(Math.max(...samples)).toBeGreaterThan(8000);
  });

  test('of a minute is decoded without holding up everything else, and a longer one is left alone', async () => {
    await decodeOpus(longTone(1), { maxMs: 60_000, signal });
    let others = 0;
    let next = setImmediate(function work() {
      others += 1;
      next = setImmediate(work);
    });
    const pcm = await decodeOpus(longTone(59), { maxMs: 60_000, signal });
    clearImmediate(next);
    expect(pcm?.length).toBeGreaterThan(58 * PCM_RATE * 2);
    expect(others).toBeGreaterThan(5);
    expect(await decodeOpus(longTone(61), { maxMs: 60_000, signal })).toBeUndefined();
  });

  test('is not decoded to its end once nobody waits for it', async () => {
    const abort = new AbortController();
    const decoding = decodeOpus(longTone(59), { maxMs: 60_000, signal: abort.signal });
    abort.abort(new Error('the router stops'));
    await expect(decoding).rejects.toThrow('the router stops');
  });

  test.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['another format', Buffer.from('RIFF....WAVEfmt ')],
    ['Ogg with something else in it', Buffer.from(tone.toString('latin1').replace('OpusHead', 'vorbis..'), 'latin1')],
    ['only the beginning of a header', tone.subarray(0, 40)],
  ])('that is %s can not be read', (_what, bytes) => {
    expect(readOggOpus(bytes)).toBeUndefined();
  });

  test('that breaks off is read as far as it goes', () => {
    const [whole, half] = [readOggOpus(tone), readOggOpus(tone.subarray(0, 1500))];
    expect(half?.packets.length).toBeLessThan(whole?.packets.length ?? 0);
    expect(half?.packets.length).toBeGreaterThan(10);
  });
});

describe('a voice at Feishu', () => {
  test('is heard where the app may', async () => {
    await using setting = await Setting.open();
    const { feishu, channel } = setting;
    feishu.canRecognizeSpeech = true;
    feishu.recognizes = 'run the tests';
    const half = tone.length >> 1;
    expect(await channel.transcribe(sound(tone.subarray(0, half), tone.subarray(half)), signal)).toBe('run the tests');
  });

  test('is not asked about again for an hour where it may not', async () => {
    await using setting = await Setting.open();
    const { feishu } = setting;
    const { appId, appSecret, url: baseUrl } = feishu;
    const api = new FeishuApi({
      credentials: { appId, appSecret, baseUrl },
      loadSdk: loadLarkSdk,
      logger: captureLog().logger,
      timeoutMs: 5000,
    });
    let now = 0;
    const speech = new Speech(api, { now: () => now });
    const calls = () => feishu.calls.filter(({ path }) => path.startsWith('/speech_to_text/')).length;
    expect(await speech.transcribe(sound(tone), signal)).toBeUndefined();
    feishu.canRecognizeSpeech = true;
    feishu.recognizes = 'hello';
    now = 3_599_000;
    expect(await speech.transcribe(sound(tone), signal)).toBeUndefined();
    expect(calls()).toBe(1);
    now = 3_601_000;
    expect(await speech.transcribe(sound(tone), signal)).toBe('hello');
    api.close();
  });

  test('that is no Opus, or too large for a minute of it, is not sent anywhere', async () => {
    await using setting = await Setting.open();
    const { feishu, channel } = setting;
    feishu.canRecognizeSpeech = true;
    expect(await channel.transcribe(sound(Buffer.from('RIFF')), signal)).toBeUndefined();
    expect(await channel.transcribe(sound(tone, Buffer.alloc(4 * 1024 * 1024)), signal)).toBeUndefined();
    expect(feishu.calls.filter(({ path }) => path.startsWith('/speech_to_text/'))).toEqual([]);
  });

  test('is an error where Feishu is in trouble', async () => {
    await using setting = await Setting.open();
    const { feishu, channel } = setting;
    feishu.canRecognizeSpeech = true;
    feishu.fail({
      path: '/speech_to_text/v1/speech/file_recognize',
      times: 1,
      effect: { kind: 'answer', status: 500 },
    });
    await expect(channel.transcribe(sound(tone), signal)).rejects.toMatchObject({ name: 'ChatError' });
  });
});
